/** What people read, in English. The other languages have to say the same: a text that one lacks does not compile. */
export const en = {
  chat: {
    does: 'talk to people, end-to-end encrypted',
    card: {
      does: 'print your card: who has it can write to you',
      examples: { plain: '', json: 'the card alone, for scripts' },
      hint: 'Give it to whoever should write to you; they run: teahouse chat add CARD --name NAME',
    },
    add: {
      does: 'add the person of a card as a contact',
      card: 'what the other one got by teahouse chat card, or an invitation',
      name: 'what you call this person',
      verified: 'the card comes from the person, without anybody in between',
      examples: { plain: '', verified: 'read off the screen of the person' },
      done: (name: string) => `${name} is a contact; write with: teahouse chat with ${quoted(name)} "…"`,
    },
    contacts: {
      does: 'list your contacts, or those whose name has a text in it (also as pinyin)',
      text: 'a part of the name, or the initials of its pinyin',
      examples: { plain: 'all', search: '张伟, by its initials' },
      none: 'No contacts. Add one: teahouse chat add CARD --name NAME',
    },
    with: {
      does: 'send a text to a contact; without a text, talk to it in this terminal',
      who: 'the name of a contact, or its beginning',
      text: 'the message, or - for standard input',
      examples: {
        text: '',
        stdin: 'the text from standard input',
        talk: 'in a terminal: write, read, Ctrl-D ends it',
        file: 'its bytes lie at nodes, sealed',
      },
      sent: (name: string, days: number) =>
        `Sent to ${name}. Nodes keep it for ${days} days if ${name} is offline`,
      waiting: (why: string) =>
        `Kept, not sent yet (${why}). It leaves when the chat is next open: teahouse chat listen`,
      file: 'send a file, too; the same command goes on with one that was cut off',
      days: 'have nodes keep the file for so many days',
      fileSent: (file: string, name: string, until: string, paid: string) =>
        `${file} can be fetched by ${name} until ${until}; paid ${paid} tokens`,
      needsTerminal: 'Talking needs a terminal',
      needsTerminalHint: 'Give the text: teahouse chat with NAME "TEXT"',
    },
    save: {
      does: 'fetch the file of a message, checked part by part; nothing is fetched unasked',
      message: 'the id of the message, or its beginning, as printed by: teahouse chat log',
      path: 'where to write it (default: under its own name); must not be there',
      examples: { plain: 'into this folder', path: '' },
      done: (path: string, bytes: number) =>
        `Wrote ${bytes === 1 ? '1 byte' : `${bytes} bytes`} into ${path}`,
    },
    pay: "pay if the nodes ask, at their offers' prices",
    max: 'the most to pay in all, in tokens (default: 10)',
    cover:
      'while it is open, also send so many messages an hour that nobody can read, at random times, so that yours stand out less. Each takes one of the epoch’s messages, though none of its last half, and some 2 kB: 6 an hour are 144 messages and 0.3 MB a day',
    covers: (anHour: number, aDay: number, megabytes: string) =>
      `Cover: ${anHour} an hour that nobody can read; ${aDay} messages and ${megabytes} MB a day if it stays open, from the first half of each epoch’s`,
    listen: {
      does: 'print messages of contacts as they come, until Ctrl-C; first those that you have not read',
      json: 'print one JSON object a message; on standard error {"card": CARD} once ready, and errors',
      count: 'end after so many messages',
      timeout: 'end after this time; exit 1 if --count was not reached',
      examples: {
        plain: '',
        count: 'one message, or exit 1 after a minute',
        json: 'one JSON object a message',
      },
      ready: 'Listening; Ctrl-C ends it',
      timedOut: (came: number, wanted: number, seconds: number) =>
        `${came} of ${wanted} messages came in ${seconds} s`,
    },
    list: {
      does: 'list your conversations, with what is unread or missing',
      examples: { plain: '', json: '' },
      none: 'No conversations yet',
    },
    log: {
      does: 'print the messages of a conversation or of a request, and mark them as read',
      limit: 'the newest so many',
      examples: { plain: '', limit: 'the newest ten' },
      missing: (count: number) =>
        count === 1 ? '– 1 message is missing –' : `– ${count} messages are missing –`,
    },
    requests: {
      does: 'list strangers who wrote; they see no sign of it until you accept',
      examples: { plain: '', json: '' },
      none: 'Nobody waits',
      says: (name: string) => `calls itself ${name}`,
    },
    accept: {
      does: 'accept a request: the person becomes a contact, and learns that its messages came',
      who: 'the account as printed by: teahouse chat requests',
      name: 'what you call this person (default: what it calls itself)',
      examples: { plain: '' },
      done: (name: string) => `${name} is a contact`,
    },
    block: {
      does: 'drop a request, or all that a contact sends from now on; nobody is told',
      undo: 'take messages from it again',
      examples: { plain: 'a contact', account: 'a stranger, by the account', undo: '' },
      done: (name: string) => `${name} is blocked`,
      undone: (name: string) => `${name} may write again`,
    },
    blocks: {
      does: 'share whom you block, signed, and follow the lists of others',
      share: {
        does: 'publish the list of whom you block; only those who know an account can tell that it is in the list',
        name: 'what the list is called',
        file: 'write it into a new file instead',
        examples: {
          plain: 'for whoever follows you; nodes keep it for some 30 days',
          file: 'to hand it over',
        },
        published: 'Published; it replaces what you published before',
        wrote: (path: string) => `Wrote the list into ${path}`,
      },
      follow: {
        does: 'drop strangers whom the list of somebody names; contacts of yours stay',
        who: 'the name of a contact, or a card',
        file: 'a list that was handed over',
        examples: { plain: 'looked for again every day', file: '' },
        done: (name: string, accounts: number) => `You follow ${name}, which names ${accounts} accounts`,
      },
      unfollow: {
        does: 'undo all that a list did',
        examples: { plain: '' },
        done: 'The list is followed no more; strangers whom it named can write',
      },
      list: {
        does: 'show the lists that you follow',
        examples: { plain: '' },
        none: 'You follow no list',
        line: (name: string, accounts: number, madeAt: string, card: string) =>
          `${name}  ${accounts} accounts, of ${madeAt}  ${card}`,
      },
    },
    open: {
      does: 'talk in this terminal: conversations, requests, and what comes, until Ctrl-D',
      examples: {
        plain: '',
        name: 'what you are called by those who do not know you yet',
        cover: 'so that it is harder to see when you write',
      },
      name: 'what you call yourself to people who do not know you yet',
      help: 'NAME: talk to a contact · /list · /requests · /accept ACCOUNT [NAME] · /block NAME · /card · /help · Ctrl-D ends it',
      unknown: (word: string) => `${word} is no command; a message that begins so is written with //`,
      back: '/back returns to the list',
      talking: (name: string) => `You talk to ${name}`,
      offline: 'Offline: what you write is kept, and leaves when nodes can be reached',
      unread: (count: number) => `${count} new`,
      missing: (count: number) => `${count} missing`,
      request: 'Somebody whom you don’t know has written: /requests',
      state: { waiting: 'waits', sent: 'sent', delivered: 'arrived', read: 'read' },
    },
    you: 'you',
    introduces: (name: string, card: string) => `[introduces ${name}: ${card}]`,
    timer: (seconds: number) =>
      seconds === 0 ? '[messages stay]' : `[messages disappear after ${seconds} s]`,
    file: (name: string, bytes: number, id: string) =>
      `[${name}, ${bytes === 1 ? '1 byte' : `${bytes} bytes`}; to have it: teahouse chat save ${id}]`,
    data: (type: string, bytes: number) => `[${type}, ${bytes} bytes]`,
    receipt: {
      unchecked: '[says to have paid, which was not compared with the chain]',
      paid: (sum: string, hash: string) => `[paid ${sum} in ${hash}]`,
      received: (sum: string, hash: string) => `[paid ${sum} in ${hash}: it came]`,
      unseen: (sum: string) => `[says to have paid ${sum}: not seen on the chain yet]`,
      false: (sum: string) =>
        `[FALSE RECEIPT: says to have paid ${sum}, and has not; see teahouse pay history]`,
    },
    asksAddress: '[asks where it can pay]',
    tellsAddress: (address: string) => `[can be paid at ${address}]`,
    envelope: '[a red envelope: teahouse envelope claim --from NAME]',
  },
}

/** A text in every language. */
export type Texts = typeof en

function quoted(name: string): string {
  return /^[\p{L}\p{N}_-]+$/u.test(name) ? name : JSON.stringify(name)
}
