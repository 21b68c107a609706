/** Runs a node that ends at a step of being paid, as by SIGKILL. Usage: dying-node.ts CONFIG STEP. */
import { dieAtNodeStep, type NodeStep } from './dying.ts'

const [config, step] = process.argv.slice(2)
dieAtNodeStep(step as NodeStep)
process.argv[2] = config!
await import('../../support/node-main.ts')
