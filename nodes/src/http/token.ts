import { randomBytes } from 'node:crypto'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeSecretFile } from '../files.ts'
import { isLoopback } from './access.ts'
import { ApiConfig } from './config.ts'
import { ApiError } from './errors.ts'

const TOKEN_BYTES = 32
const OPEN_TO_OTHERS = 0o077

/**
 * The token of the configuration or of its file; the file is made, of mode 0600, when it isn't there. Throws ApiError
 * TOKEN_NEEDED when the API is to listen elsewhere than on loopback and none was configured, TOKEN_UNUSABLE or
 * TOKEN_OPEN_TO_OTHERS.
 */
export async function openToken(config: ApiConfig, dataDir: string): Promise<string> {
  const { host, port, token, tokenFile } = config
  if (!isLoopback(host) && token === undefined && tokenFile === undefined) {
    throw new ApiError(
      `To listen on ${host}, which others may reach, the API needs a token. Set "api.tokenFile" (it is made if it isn't there), or listen on 127.0.0.1.`,
      { code: 'TOKEN_NEEDED', host, port },
    )
  }
  return token ?? (await tokenIn(tokenFile ?? join(dataDir, 'api.token')))
}

async function tokenIn(path: string): Promise<string> {
  const mode = await modeOf(path)
  if (mode === undefined) {
    await mkdir(dirname(path), { recursive: true })
    await writeSecretFile(path, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`)
  } else if (process.platform !== 'win32' && (mode & OPEN_TO_OTHERS) !== 0) {
    throw new ApiError(`Others may read the token in ${path}. Make another one, of mode 0600.`, {
      code: 'TOKEN_OPEN_TO_OTHERS',
      path,
    })
  }
  return await readToken(path)
}

async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ApiError(`Can't read the token ${path}.`, { code: 'TOKEN_UNUSABLE', path }, { cause })
  })
  const { data } = ApiConfig.shape.token.safeParse(text.trim())
  if (data !== undefined) return data
  // What is in there is left out: it may be a secret of another kind.
  throw new ApiError(
    `${path} holds no token (32 characters or more, without spaces). Remove it to have one made.`,
    {
      code: 'TOKEN_UNUSABLE',
      path,
    },
  )
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ApiError(`Can't read the token ${path}.`, { code: 'TOKEN_UNUSABLE', path }, { cause })
  }
}
