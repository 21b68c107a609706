import { getAddress, numberToHex } from 'viem'
import { createAccount } from '../../client/src/account/account.ts'
import { readContent } from '../../client/src/account/backup/backup.ts'
import { readHeader, sealBackup } from '../../client/src/account/backup/seal.ts'
import { sealParts, wholeBackups } from '../../client/src/backups/parts.ts'
import { decodeCard, encodeCard } from '../../client/src/account/contact/card.ts'
import { decodeGift, encodeGift, giftOf } from '../../client/src/account/contact/gift.ts'
import { decodeIntroduction, encodeIntroduction } from '../../client/src/account/contact/introduction.ts'
import { readInvitation, writeInvitation } from '../../client/src/account/contact/invitation.ts'
import { readVerification, verificationText } from '../../client/src/account/contact/safety-number.ts'
import {
  readAccountFile,
  sealAccount,
  writeAccountFile,
} from '../../client/src/account/keystore/account-file.ts'
import { exportRlnKeystore, readRlnKeystore } from '../../client/src/account/keystore/rln-keystore.ts'
import { exportWeb3Keystore, readWeb3Keystore } from '../../client/src/account/keystore/web3-keystore.ts'
import { readPhrase } from '../../client/src/account/phrase.ts'
import { readShare } from '../../client/src/account/recovery/share-text.ts'
import { splitPhrase } from '../../client/src/account/recovery/shares.ts'

const REGISTRY = getAddress(numberToHex(9, { size: 20 }))
const filled = (length: number, by: number) => new Uint8Array(length).fill(by)

const ACCOUNT = createAccount()
const CARD = { key: ACCOUNT.chat.publicKey, name: '爱丽丝', hint: filled(12, 3) }
const GIFT = giftOf({
  ...{ chainId: 31337, envelopes: REGISTRY, creator: REGISTRY, amount: 5n, expiry: 1_900_000_000 },
  ...{ salt: numberToHex(3, { size: 32 }), rateLimit: 20, secret: filled(32, 9) },
})
const BACKUPS = '/d1/9/m/bin'
const CHEAP = { n: 2, r: 1, p: 1 }
const RLN_MEMBERSHIP = { chainId: 31337, contract: REGISTRY, index: 3, rateLimit: 20 }

/** What is read of an account's files, cards and invitations. */
export const accountParsers = [
  {
    name: 'backup',
    takes: 'bytes' as const,
    good: [(await sealBackup(filled(10, 1), { account: ACCOUNT })).subarray(0, 200)],
    parse: readHeader,
  },
  {
    name: 'content of a backup',
    takes: 'bytes' as const,
    good: [new TextEncoder().encode('{"madeAt":1,"sections":{"vouchers":{"version":1,"value":{}}}}')],
    parse: readContent,
  },
  {
    name: 'part of a backup, sealed',
    takes: 'bytes' as const,
    good: sealParts({ device: '00'.repeat(8), madeAt: 1, bytes: filled(10, 1) }, ACCOUNT.backupKey, BACKUPS),
    parse: (payload: Uint8Array) => wholeBackups([{ contentTopic: BACKUPS, payload }], ACCOUNT.backupKey),
  },
  { name: 'contact card', takes: 'bytes' as const, good: [encodeCard(CARD)], parse: decodeCard },
  { name: 'gift', takes: 'bytes' as const, good: [encodeGift(GIFT)], parse: decodeGift },
  {
    name: 'introduction',
    takes: 'bytes' as const,
    good: [encodeIntroduction({ card: CARD, note: 'a friend' })],
    parse: decodeIntroduction,
  },
  { name: 'phrase', takes: 'text' as const, good: [ACCOUNT.phrase], parse: readPhrase },
  {
    name: 'account file',
    takes: 'text' as const,
    good: [writeAccountFile(await sealAccount(ACCOUNT, 'a', CHEAP))],
    parse: readAccountFile,
  },
  {
    name: 'web3 keystore',
    takes: 'text' as const,
    good: [await exportWeb3Keystore(ACCOUNT, 'a', CHEAP)],
    parse: readWeb3Keystore,
  },
  {
    name: 'RLN keystore',
    takes: 'text' as const,
    good: [await exportRlnKeystore(ACCOUNT.rln, RLN_MEMBERSHIP, 'a', 1)],
    parse: readRlnKeystore,
  },
  {
    name: 'share of a phrase',
    takes: 'text' as const,
    good: await splitPhrase(ACCOUNT.phrase, { threshold: 2, shares: 2 }),
    parse: (given: string) => readShare(given),
  },
  {
    name: 'invitation',
    takes: 'text' as const,
    good: [writeInvitation({ card: CARD }), writeInvitation({ card: CARD, gift: GIFT })],
    parse: readInvitation,
  },
  {
    name: 'code of a safety number',
    takes: 'text' as const,
    good: [verificationText(CARD.key, CARD.key)],
    parse: readVerification,
  },
]
