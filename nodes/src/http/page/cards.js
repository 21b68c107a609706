import { bytes, coin, count, short, tokens } from './format.js'

/** An element; its children are elements or texts, never markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children.flat())
  return element
}

const card = (id, title, note, ...children) =>
  h('section', { class: 'card', id }, h('h2', {}, title, h('small', {}, note)), ...children)
const figure = (value, unit) => h('p', { class: 'figure' }, value, h('small', {}, unit))
const facts = (rows) =>
  h(
    'dl',
    {},
    rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  )
const key = (name, second) => [h('span', { class: second ? 'key second' : 'key' }), name]

/** Lines of the last minutes, all to one scale. */
function spark(...series) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'spark')
  svg.setAttribute('viewBox', '0 0 100 40')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  const highest = Math.max(1e-9, ...series.flat())
  series.forEach((values, at) => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
    const step = 100 / Math.max(1, values.length - 1)
    const points = values.map((value, index) => `${index * step},${38 - (value / highest) * 36}`)
    path.setAttribute('d', points.length > 1 ? `M${points.join('L')}` : '')
    if (at > 0) path.setAttribute('class', 'second')
    svg.append(path)
  })
  return svg
}

function bar(share) {
  const inner = h('i')
  inner.style.width = `${Math.min(100, Math.max(0, share * 100))}%`
  return h('div', { class: 'bar' }, inner)
}

const sum = (counts) => Object.values(counts).reduce((total, value) => total + value, 0)

/** What is shown of a node's `/info`; `rates` has what was measured since the page was opened. */
export function cards(info, rates, t, language) {
  const { budgets, rln, payments, archive, chain, funds } = info
  const n = (value) => count(value, language)
  const line = ({ limit }) => (limit === null ? t.none : `${bytes(limit)}/s`)
  return [
    card(
      'messages',
      t.messages,
      `${n(Math.round(rates.messages.at(-1) * 10) / 10)} ${t.perSecond}`,
      figure(n(rln.accepted), t.accepted),
      spark(rates.messages),
      facts([
        [t.ignored, n(sum(rln.ignored))],
        [t.rejected, n(sum(rln.rejected))],
        [t.notForwarded, n(sum(budgets.notForwarded))],
      ]),
    ),
    card(
      'traffic',
      t.traffic,
      `${bytes(budgets.upload.total + budgets.download.total)} ${t.total}`,
      figure(`${bytes(rates.up.at(-1))}/s`, `↑ · ${bytes(rates.down.at(-1))}/s ↓`),
      spark(rates.up, rates.down),
      facts([
        [h('span', {}, ...key(t.up)), `${bytes(budgets.upload.total)} · ${t.limit} ${line(budgets.upload)}`],
        [
          h('span', {}, ...key(t.down, true)),
          `${bytes(budgets.download.total)} · ${t.limit} ${line(budgets.download)}`,
        ],
      ]),
    ),
    card(
      'peers',
      t.peers,
      t.ofPlaces(n(budgets.connections.limit)),
      figure(n(info.peers.length), ''),
      bar(budgets.connections.open / budgets.connections.limit),
      facts([[t.address, short(info.peerId)]]),
    ),
    card(
      'archive',
      t.archive,
      '',
      archive.messages === undefined
        ? figure('–', archive.state === 'none' ? t.noArchive : t.archiveAway)
        : figure(n(archive.messages), t.stored),
      bar(budgets.disk.used / (budgets.disk.limit ?? budgets.disk.used + budgets.disk.free)),
      facts([
        [t.disk, bytes(budgets.disk.used)],
        [t.free, bytes(budgets.disk.free)],
      ]),
    ),
    card(
      'earnings',
      t.earnings,
      '',
      figure(tokens(payments.collected, language), t.collected),
      facts([
        [t.credited, tokens(payments.credited, language)],
        [t.pending, tokens(payments.pending, language)],
        [t.payee, info.operator.payee ? short(info.operator.payee) : t.none],
      ]),
    ),
    card(
      'stake',
      t.stake,
      '',
      funds?.staked === undefined
        ? figure('–', funds || info.operator.id === 0 ? t.none : t.unread)
        : figure(tokens(funds.staked, language), t.tokens),
      facts([[t.coin, funds ? coin(funds.coinWei, language) : t.unread]]),
    ),
    card(
      'chain',
      t.chain,
      `${chain.chainId}`,
      figure(n(chain.head), t.block),
      facts([
        [t.members, n(chain.members)],
        [t.slashed, n(rln.slashed.length)],
        [t.leases, n(info.leases.granted)],
      ]),
      h(
        'ul',
        { class: 'chips', 'aria-label': t.endpoints },
        chain.endpoints.map(({ host, state }) =>
          h('li', { class: state === 'ok' ? 'on' : state === 'new' ? '' : 'bad' }, `${host} · ${state}`),
        ),
      ),
    ),
    card(
      'shards',
      t.shards,
      t.relayed(info.relayShards.length, info.shards),
      h(
        'ul',
        { class: 'chips' },
        Array.from({ length: Math.min(info.shards, 64) }, (_, shard) =>
          h('li', info.relayShards.includes(shard) ? { class: 'on' } : {}, `${shard}`),
        ),
      ),
      facts([[t.proofs, `${n(Math.round(budgets.proofs.usedSeconds))} ${t.proofSeconds}`]]),
    ),
  ]
}
