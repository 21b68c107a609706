// A messenger in one page: an account of one's own, a membership that somebody gave, an encrypted conversation with the giver.
import { isTeahouseError } from '@teahouse/protocol/errors'
import type { Account, Chat } from '@teahouse/client'
import { isKnown, makeAccount, openClient, partner, takeInvitation, unlockAccount } from './entering.ts'

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const [enter, write] = [element<HTMLFormElement>('enter'), element<HTMLFormElement>('write')]
const [words, table, messages] = [element('words'), element('table'), element('messages')]

const status = (text: string): void => void (element('status').textContent = text)
const reasonOf = (error: unknown): string => (isTeahouseError(error) ? error.message : String(error))

/** Runs what a form asks for, with its button off, and says what went wrong. */
function onSubmit(form: HTMLFormElement, act: (fields: FormData) => Promise<void>): void {
  const button = form.querySelector('button')!
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    button.disabled = true
    act(new FormData(form))
      .catch((error: unknown) => status(reasonOf(error)))
      .finally(() => (button.disabled = false))
  })
}

function text(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value.trim() : ''
}

let account: Account | undefined

onSubmit(enter, async (fields) => {
  const passphrase = text(fields, 'passphrase')
  if (!account && isKnown()) {
    status('Unlocking your account …')
    account = await unlockAccount(passphrase)
  }
  const phrase = text(fields, 'phrase')
  if (!account) {
    account = await makeAccount(passphrase, phrase)
    words.textContent = `Write these words down; whoever has them is you: ${account.phrase}`
    words.hidden = phrase !== ''
  }
  status('Looking for the network …')
  const client = await openClient(account)
  if ((await client.membership.status()).state !== 'active') {
    status('Taking the membership …')
    await takeInvitation(client, text(fields, 'invitation'))
  }
  if (phrase !== '') {
    status('Looking for what this account knew …')
    await client.backups.restore()
  }
  const chat = await client.chat()
  await chat.start()
  const name = await partner(chat)
  client.proving.keepReady(1)
  enter.hidden = true
  await converse(chat, name)
})

async function converse(chat: Chat, name: string): Promise<void> {
  element('card').textContent = chat.card
  table.hidden = false
  status(`You are talking to ${name}. Nobody between you can read it.`)
  onSubmit(write, async (fields) => {
    write.reset()
    const { problem } = await chat.send(name, text(fields, 'text'))
    if (problem) status(`Your message waits, and leaves by itself: ${reasonOf(problem)}`)
    await show(chat, name)
  })
  await show(chat, name)
  void follow(chat, name)
}

/** Keeps the conversation as it is on disk, whatever happens. */
async function follow(chat: Chat, name: string): Promise<void> {
  for await (const event of chat.events()) {
    if (event.kind === 'unsent') status(`Not sent yet, and tried again: ${reasonOf(event.error)}`)
    if ('account' in event) await show(chat, name)
  }
}

async function show(chat: Chat, name: string): Promise<void> {
  const entries = await chat.messages(name)
  const lines = entries.map((entry) => {
    const line = document.createElement('li')
    if (entry.kind === 'missing') line.textContent = `${entry.count} missing`
    else {
      line.textContent = entry.body.kind === 'text' ? entry.body.text : `(${entry.body.kind})`
      line.classList.toggle('mine', entry.mine)
      if (entry.mine) line.dataset['state'] = entry.state
    }
    return line
  })
  messages.replaceChildren(...lines)
  await chat.markRead(name)
}

for (const id of ['invited', 'returning']) element(id).hidden = isKnown()
enter.querySelector('button')!.textContent = isKnown() ? 'Unlock' : 'Make an account'
enter.hidden = false
