import { cards, h } from './cards.js'
import { TEXTS } from './texts.js'

/** Milliseconds between two looks, and how many of them the lines show. */
const EVERY_MS = 3_000
const KEPT = 100
/** Coin, in wei, below which the node will soon be unable to send transactions. */
const LITTLE_COIN = 10n ** 16n

const language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
const t = TEXTS[language]
const at = (id) => document.getElementById(id)
const rates = { messages: [0], up: [0], down: [0] }
let before
let token = ''

document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en'
document.title = t.title
document.querySelector('h1').textContent = t.title
document.querySelector('#token label').textContent = t.token
document.querySelector('#token button').textContent = t.enter
at('state').textContent = t.status.waiting

async function ask(path) {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
  return await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.timeout(10_000) })
}

function setStatus(status) {
  at('state').dataset.status = status
  at('state').textContent = t.status[status]
}

/** What the page itself finds worth a warning, as the node's own problems are told. */
function ownProblems({ operator, funds, budgets, chain }) {
  const own = (code, more = '') => {
    const [message, action] = t.problems[code]
    return { code, blocks: false, message, action: `${action}${more}` }
  }
  const isAside = ({ state }) => state !== 'ok' && state !== 'new'
  return [
    ...(operator.id !== 0 && funds && BigInt(funds.coinWei) < LITTLE_COIN
      ? [own('NO_COIN', operator.node)]
      : []),
    ...(budgets.disk.refused > 0 ? [own('DISK')] : []),
    ...(chain.endpoints.some(isAside) ? [own('ENDPOINTS')] : []),
  ]
}

function showWarnings(problems) {
  at('warnings').replaceChildren(
    ...problems.map(({ code, blocks, message, action }) => {
      const [text, act] = t.problems[code] && language !== 'en' ? t.problems[code] : [message, action]
      const whole = action.startsWith(act) ? action : act
      return h('li', { 'data-code': code, 'data-blocks': String(blocks) }, h('strong', {}, text), whole)
    }),
  )
}

function measure(info) {
  const now = { at: performance.now(), messages: info.rln.accepted }
  if (before) {
    const seconds = (now.at - before.at) / 1_000
    add(rates.messages, Math.max(0, now.messages - before.messages) / seconds)
  }
  add(rates.up, info.budgets.upload.perSecond)
  add(rates.down, info.budgets.download.perSecond)
  before = now
}

function add(list, value) {
  list.push(value)
  if (list.length > KEPT) list.shift()
}

async function look() {
  const [ready, answer, version] = await Promise.all([ask('/health/ready'), ask('/info'), ask('/version')])
  const { problems } = await ready.json()
  at('token').hidden = answer.status !== 401
  setStatus(ready.ok ? (problems.length === 0 ? 'ok' : 'degraded') : 'down')
  if (!answer.ok) return showWarnings(problems)
  const info = await answer.json()
  measure(info)
  at('who').textContent = `${t.who(info.operator.id, info.profile)} · ${info.peerId}`
  at('foot').textContent = t.foot(await version.text())
  showWarnings([...problems, ...ownProblems(info)])
  at('cards').replaceChildren(...cards(info, rates, t, language))
}

async function run() {
  if (!document.hidden) await look().catch(() => setStatus('away'))
  setTimeout(run, EVERY_MS)
}

at('token').addEventListener('submit', (event) => {
  event.preventDefault()
  token = at('token-text').value.trim()
  look().catch(() => setStatus('away'))
})
await run()
