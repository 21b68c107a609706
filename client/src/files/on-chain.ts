import type { Chain } from '../chain/chain.ts'
import { createFiles, type Files, type FilesDeps } from './files.ts'

/** What files need, with the chain to ask the court. */
export type FilesOnChain = Omit<FilesDeps, 'maxTerm' | 'endOf'> & { readonly chain: Chain }

/** Files that ask the court on the chain for its longest term, and for notices. */
export function filesOnChain({ chain, ...deps }: FilesOnChain): Files {
  const { RetrievalCourt } = chain.contracts
  return createFiles({
    ...deps,
    maxTerm: () => chain.read('read the longest term', () => RetrievalCourt.read.maxTerm()),
    endOf: async (id) => (await chain.read('read the case', () => RetrievalCourt.read.caseOf([id]))).endsAt,
  })
}
