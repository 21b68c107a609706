import { readReceipt, writeReceipt } from '../../client/src/courts/receipt-text.ts'

const WORD = `0x${'12'.repeat(32)}` as const
const ADDRESS = '0x1000000000000000000000000000000000000001'

/** What people hand to each other about promises. */
export const courtParsers = [
  {
    name: 'storage receipt as text',
    takes: 'text' as const,
    good: [
      writeReceipt({
        chainId: 31337,
        court: ADDRESS,
        receipt: {
          ...{
            operator: 1,
            client: ADDRESS,
            root: WORD,
            size: 5n,
            from: 1,
            until: 2,
            liability: 9n,
            slot: 3,
          },
        },
        signature: `0x${'34'.repeat(65)}`,
      }),
    ],
    parse: readReceipt,
  },
]
