import { defineChain, type Chain } from 'viem'

/** The chain of a network on one machine, as hardhat and anvil run it. `viem/chains` has it too, and loads 700 others. */
export const localChain: Chain = defineChain({
  id: 31_337,
  name: 'Local network',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
})
