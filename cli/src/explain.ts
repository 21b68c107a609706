import { paidBefore } from '@teahouse/client'
import { isTeahouseError, type TeahouseError } from '@teahouse/protocol/errors'
import { CommanderError } from 'commander'
import { catalogueOf, languageOf } from './texts/language.ts'
import { reasonIn } from './texts/reasons.ts'
import { say, shown, type Catalogue, type Said, type Text } from './texts/say.ts'

/** An error as it is shown: what happened, and what to do about it. */
export interface Explained {
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** Tokens (smallest unit) that were signed for even so. */
  readonly paid?: bigint
  /** 2 for a wrong command line, else 1. */
  readonly exitCode: 1 | 2
}

const START = 'Start a network in another terminal first: npm start'
/** What to do, by the code of an error. */
export const HINTS: Readonly<Record<string, string>> = {
  NO_NETWORK: START,
  NO_CHAIN: START,
  WRONG_CHAIN: START,
  NODES_DOWN: START,
  NO_NODES: 'No node serves this now; see: teahouse node status',
  UNREACHABLE: 'The node is announced on chain but gives no answer; see: teahouse node status',
  UNKNOWN_NODE: 'Give an operator id such as 1, or a peer id; see: teahouse node status',
  BAD_NETWORK_FILE: 'Give another file with --network, or start the network anew: npm start',
  NO_ACCOUNT: 'Make one: teahouse account new',
  ACCOUNT_EXISTS: 'Choose another name with --account NAME, or go on with it: teahouse account fund',
  NOT_A_MEMBER: 'Join first: teahouse membership join',
  ALREADY_MEMBER: 'See: teahouse membership status',
  RATE_LIMITED: 'Wait for the next epoch; see: teahouse membership status',
  NO_LEASE: 'Nothing is lost: send again when these nodes answer; see: teahouse node status',
  CLOCK_WRONG: "Set this machine's clock right, best from the network, then send again",
  CHAIN_BEHIND: 'Wait until the RPC endpoint has caught up, or use another one',
  NO_OPERATORS: 'No node serves light push on this network; see: teahouse node status',
  EXPIRED: 'Send it again, as a new message: teahouse send',
  NO_GAS: 'On the local network: teahouse account fund',
  TOO_FEW_ANSWERS: 'Two operators have to answer; see: teahouse node status',
  ANSWERS_DISAGREE: 'The answers are kept as evidence. Try again: whoever was alone is not asked',
  NOT_RELAYED: 'Use an RPC endpoint, and an account with coins',
  NOBODY_SENDS: 'The reasons stand above; try again later, or with an RPC endpoint and coins',
  NOT_SEEN: 'Look later whether it came: nothing is done twice by trying again',
  NOT_ENOUGH_TOKENS: 'On the local network: teahouse account fund',
  NOT_LOCAL: 'Only the local network gives coins away',
  TOO_MANY_REQUESTS: 'The free requests are used up; add --pay, and --max to set a limit',
  TOO_EXPENSIVE: 'Allow more with --max, or ask another node with --node',
  STILL_UNPAID: 'Ask another node with --node; pay this one no more',
  VOUCHERS_LOST: 'The record of vouchers is incomplete; try again after the node has settled on chain',
  LOCKED: 'Another teahouse command of this account is at work; wait for it',
  CORRUPT: 'Remove the damaged file; it is made anew',
  UNKNOWN_DEPLOYMENT: 'Give the file of the deployment with --file, or use a newer release',
  UNKNOWN_ABIS: 'Use a newer release of teahouse',
  BAD_KEY_FILE: 'A key file holds 0x and 64 hex digits, like the owner.key of an operator',
  PARTLY_TAKEN: 'The reasons stand above; run the same command again later',
  NOT_FORGOTTEN: 'Look at the hash; --ahead refuses also a message that the node does not have yet',
  NO_NODE_FOLDER: 'Make one: teahouse node init. Or name it with --dir or TEAHOUSE_NODE_DIR',
  NODE_FOLDER_EXISTS: 'Name another folder with --dir, or go on with this one: teahouse node stake',
  BAD_OPERATOR_FILE: 'Put it back from a backup: teahouse node restore',
  NO_NODE_PASSPHRASE:
    'Put it into a file and name that with --passphrase-file or TEAHOUSE_NODE_PASSPHRASE_FILE, or run this on a terminal',
  NOT_CONFIRMED: 'Run it on a terminal and answer y, or add --yes',
  NO_OPERATOR: 'Stake first: teahouse node stake',
  NODE_RUNS: 'Stop it first: teahouse node drain',
  NODE_DOWN: 'Start it: teahouse node run',
  CHECKS_FAILED: 'What to do stands beside each of them',
  NOT_OWNER: 'Act for the owner: --account NAME or --owner-key FILE',
  UNKNOWN_OPERATOR: 'Correct "operatorId" in the configuration, or stake first: teahouse node stake',
  STAKE_TOO_LOW: 'Add to it: teahouse node stake AMOUNT',
  NOTHING_STAKED: 'See: teahouse node status',
  NO_ARCHIVE: 'Give the dataDir of the node that has the archive; its first start makes it',
  CUT_OFF: 'The file is not whole; export it, or copy it, again',
  DAMAGED: 'Nothing was changed; export it, or copy it, again',
  BAD_PHRASE: 'Check spelling and order of the words',
  UNKNOWN_CONTACT: 'See: teahouse chat contacts, teahouse chat requests',
  UNKNOWN_MESSAGE: 'See: teahouse chat log NAME',
  AMBIGUOUS_MESSAGE: 'Write more of the id; see: teahouse chat log NAME',
  NOT_A_FILE: 'See: teahouse chat log NAME',
  IS_REQUEST: 'See: teahouse chat requests, teahouse chat accept',
  NO_LIST: 'See: teahouse chat blocks list',
  AMBIGUOUS_NAME: 'Write more of the name; see: teahouse chat contacts',
  NAME_TAKEN: 'Choose another name with --name NAME',
  BAD_CARD: 'Copy the card whole, as printed by: teahouse chat card',
  NO_DEVICES: 'It leaves once the other one has been online: teahouse chat listen',
  BLOCKED: 'Take it back: teahouse chat block NAME --undo',
  MIXED_LANGUAGES: 'All words of a phrase are of one list: look at those of the other language again',
  NO_PASSPHRASE:
    'Put it into a file and name that in TEAHOUSE_PASSPHRASE_FILE, or run this on a terminal. For tests: --no-passphrase',
  WRONG_PASSPHRASE: 'Try again. If it is lost: teahouse account restore --account NAME, with the phrase',
  BAD_PASSPHRASE_FILE: 'The file named in TEAHOUSE_PASSPHRASE_FILE holds the passphrase and nothing else',
  NEEDS_PASSPHRASE: 'Name a file with it: --backup-passphrase FILE',
  NO_MESSAGES: 'Try again later, or write a file: teahouse account backup FILE',
  CANT_OPEN: 'Give the account, persona and passphrase that it was made with',
  BAD_SHARE: 'Compare it with what the friend has written down',
  TOO_FEW_SHARES: 'Ask another friend',
  FORGED_SHARE: 'Add the shares of other friends: with more of them the wrong one is found',
  BAD_REFERENCE: 'Copy the whole reference, from teahouse:file/ to its end',
  TOO_FEW_NODES:
    'Run the same command again later, or with fewer --copies; what is stored is not paid for again',
  MISSING: 'Try again later: a node that has it may be away',
  BAD_INVITATION: 'Copy the whole link, from teahouse:invite/ to its end',
  ALREADY_CLAIMED: 'Ask for another invitation',
  GIFT_EXPIRED: 'Ask for another invitation',
  TAKEN_BACK: 'Ask for another invitation',
  NOT_A_RECEIPT: 'Copy it whole, as written by: teahouse court export',
  UNKNOWN_RECEIPT: 'See: teahouse court status',
  UNKNOWN_EVIDENCE: 'See: teahouse court evidence',
  NOT_A_LINK: 'Copy the whole link, from ethereum: to its end',
  OTHER_CHAIN: 'Ask for a link of this network: teahouse pay link',
  OTHER_TOKEN: 'Ask for a link of this network: teahouse pay link',
  NO_ADDRESS: 'Try again when the contact has been online',
  STILL_OPEN: 'Run the same command again: it pays nothing twice, and offers a higher fee after some blocks',
  MAYBE_PAID: 'See: teahouse pay history. If it is another one: the same command with --again',
  ID_TAKEN: 'See: teahouse pay history',
  NO_RECEIPT: 'See: teahouse pay history. Without a receipt, pay the address that it came from',
  RECEIPT_NOT_TRUE: 'See: teahouse pay history',
  BAD_ENVELOPE: 'Copy the whole link, from teahouse:envelope/ to its end',
  UNKNOWN_ENVELOPE: 'If it was only just made, try again',
  NOT_EXPIRED: 'See: teahouse envelope status',
  UNKNOWN_DEAL:
    'Check the id; it is printed by: teahouse deal offer. After an interruption: teahouse deal status',
  BAD_OFFER: 'Ask for it again, or copy it whole: teahouse deal offer prints it',
  BAD_SIGNED: 'Ask for it again, or copy it whole: teahouse deal accept prints it',
  BAD_PARAMS: 'See: teahouse deal offer --help',
  NO_EVALUATOR: 'The description of the network names no contract that judges such deals',
  APP_FAILED: 'What went wrong stands above',
}

/** Nodes refuse a message whose time is further off than this; nodes/src/rln/config.ts. */
export const KEPT =
  'The message is kept, but nodes take it for 20 s only: teahouse resend. Later, send it anew'

/**
 * Explains whatever a command threw, in the language of a catalogue; in English without one. The message of an unknown error is kept, never its
 * stack.
 */
export function explain(error: unknown, catalogue?: Catalogue): Explained {
  const inLanguage = (text: Text) => shown(text, catalogue)
  const ours = (text: string) => inLanguage({ key: text, values: [] })
  if (error instanceof CommanderError) return fromCommander(error, inLanguage)
  if (isTeahouseError(error)) {
    const { code } = error
    const { hint: own, said } = error.detail as { hint?: string; said?: readonly [Text, Text] }
    if (said) return { code, message: inLanguage(said[0]), hint: inLanguage(said[1]), exitCode: 2 }
    const paid = paidBefore(error)
    const hint =
      code === 'NOT_SENT' ? unsent(error.cause, ours) : (own ?? HINTS[code] ?? hintOfCause(error.cause))
    const more = { ...(hint && { hint: ours(hint) }), ...(paid > 0n && { paid }) }
    return { code, message: messageOf(error, catalogue), ...more, exitCode: code === 'USAGE' ? 2 : 1 }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'UNEXPECTED', message: message.split('\n')[0] ?? '', exitCode: 1 }
}

/** What an error says, in the language that the environment asks for. */
export const inWords = (error: unknown, env: NodeJS.ProcessEnv): string =>
  explain(error, catalogueOf(languageOf(env))).message

const FIELD = /\{(\w+)\}/g

/** In another language than English, what the catalogue says of the code, with what the error knows in its places; else
 * the error's own words. */
function messageOf(
  error: TeahouseError<{ readonly code: string }>,
  catalogue: Catalogue | undefined,
): string {
  const template = catalogue?.[`error ${error.code}`]
  if (template === undefined) return error.message
  const detail = error.detail as Readonly<Record<string, unknown>>
  const isKnown = [...template.matchAll(FIELD)].every(([, field = '']) => detail[field] !== undefined)
  if (!isKnown) return error.message
  return template.replace(FIELD, (_, field: string) => valueOf(field, detail, catalogue!))
}

/** Fields whose values are words of ours. */
const WORDS: ReadonlySet<string> = new Set(['role', 'state'])

function valueOf(field: string, detail: Readonly<Record<string, unknown>>, catalogue: Catalogue): string {
  const value = String(detail[field])
  if (WORDS.has(field)) return shown({ key: value, values: [] }, catalogue)
  const { args } = detail
  return field === 'reason' && Array.isArray(args) ? reasonIn(catalogue, value, args) : value
}

/** What kept the message from being sent says best what to do; then, that it is not lost. */
function unsent(cause: unknown, ours: (text: string) => string): string {
  const hint = hintOfCause(cause)
  return hint ? `${ours(hint)}. ${ours(KEPT)}` : KEPT
}

function hintOfCause(cause: unknown): string | undefined {
  return isTeahouseError(cause) ? (HINTS[cause.code] ?? hintOfCause(cause.cause)) : undefined
}

function fromCommander({ code, message }: CommanderError, inLanguage: (text: Text) => string): Explained {
  const help = inLanguage(say`Add --help to see what there is`)
  if (code === 'commander.help')
    return { code: 'USAGE', message: inLanguage(say`Name one of the commands`), hint: help, exitCode: 2 }
  const [first = '', ...rest] = message.replace(/^error: /, '').split('\n')
  const suggestion = rest
    .join(' ')
    .trim()
    .replace(/^\(|\)$/g, '')
  const hint = suggestion === '' ? help : inLanguage(quoting(suggestion))
  const english = first.charAt(0).toUpperCase() + first.slice(1)
  return { code: 'USAGE', message: inLanguage(quoting(english)), hint, exitCode: 2 }
}

/** Commander's sentences are ours but for what stands in quotes, or in the question at their end. */
function quoting(sentence: string): Said {
  const values: string[] = []
  const place = (value: string) => `{${values.push(value) - 1}}`
  const key = sentence
    .replace(/'([^']*)'/g, (_, value: string) => `'${place(value)}'`)
    .replace(/^Did you mean (.*)\?$/, (_, value: string) => `Did you mean ${place(value)}?`)
  return { key, values }
}
