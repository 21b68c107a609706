import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  dealLink,
  dealText,
  readOffer,
  readSigned,
  type Client,
  type Offer,
  type SignedAct,
} from '@teahouse/client'
import type { Hex } from 'viem'
import { CliError, usage } from '../../errors.ts'
import { isHash } from '../../parse.ts'
import type { Session } from '../../session.ts'
import { readText } from '../../stdin.ts'
import { say } from '../../texts/say.ts'

/** What people hand each other for a deal. */
export type Paper = { readonly offer: Offer; readonly signed?: SignedAct }

/**
 * Reads an offer, or what somebody signed for one: a link, a file, - for standard input, or the id of a deal whose offer this account keeps.
 * Throws DealError BAD_OFFER, BAD_SIGNED; CliError USAGE, NO_FILE.
 */
export async function readPaper(session: Session, client: Client, given: string): Promise<Paper> {
  if (isHash(given)) return { offer: await keptOffer(client, given.toLowerCase() as Hex) }
  const text = dealText(await contentOf(session, given))
  const place = await client.dealKit.place()
  if (!text.startsWith('{"teahouse-signed"')) return { offer: readOffer(text, place) }
  const signed = await readSigned(text, place)
  return { offer: signed.offer, signed }
}

/** The offer of a deal that this account has a part in. Throws CliError USAGE if it keeps none. */
export async function keptOffer(client: Client, deal: Hex): Promise<Offer> {
  const offer = await client.dealKit.offers.get(deal)
  if (offer) return offer
  throw usage(
    say`This account does not keep the offer of ${deal}`,
    say`Give the offer itself: the link or the file that the other side has sent`,
  )
}

async function contentOf({ world }: Session, given: string): Promise<string> {
  if (given === '-') return readText(world.stdin)
  if (given.trim().startsWith('teahouse:')) return given
  const path = resolve(world.cwd, given)
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError(`There is no offer at ${path}`, { code: 'NO_FILE', path }, { cause })
  })
}

/** Writes a paper to a file, or gives the link to be shown. Throws CliError FILE_EXISTS. */
export async function handOver({ world }: Session, text: string, out: string | undefined): Promise<string> {
  if (out === undefined) return dealLink(text)
  const path = resolve(world.cwd, out)
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new CliError(`${path} is there already`, { code: 'FILE_EXISTS', path }, { cause })
  }
  return path
}
