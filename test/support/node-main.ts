/** Runs a node as `teahouse node run --config FILE` does, for tests of the node alone. */
import { isTeahouseError } from '@teahouse/protocol/errors'
import { createLog, loadConfig, runNode } from '@teahouse/nodes'

try {
  const load = () => loadConfig(process.argv[2], process.env)
  const config = await load()
  await runNode(config, createLog(config.log.level), load)
} catch (err) {
  console.error(isTeahouseError(err) ? JSON.stringify({ code: err.code, message: err.message }) : err)
  process.exitCode = 1
}
