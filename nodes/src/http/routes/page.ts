import { readFile } from 'node:fs/promises'
import { ok, route, type Reply, type Route } from '../route.ts'

/** Nothing from elsewhere, no markup that runs, and no other page may frame it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'"

const TYPES = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
} as const

const FILES = ['style.css', 'page.js', 'cards.js', 'format.js', 'texts.js', 'icon.svg'] as const
type File = (typeof FILES)[number] | 'index.html'

/** The page for people who would rather look than read. It holds no data: that it asks for as everybody else, with the token where it takes one. */
export function pageRoutes(): Route[] {
  return [
    page('/', 'getPage', 'index.html'),
    page('/status', 'getStatusPage', 'index.html'),
    ...FILES.map((file) => page(`/status/${file}`, `getStatus-${file}`, file)),
  ]
}

function page(path: string, id: string, file: File): Route {
  const type = TYPES[file.slice(file.lastIndexOf('.') + 1) as keyof typeof TYPES]
  return route(
    {
      method: 'GET',
      path,
      id,
      tag: 'page',
      summary: file === 'index.html' ? 'The status page' : 'A part of the status page',
      access: 'open',
      answers: { 200: { description: 'For a browser.', type } },
    },
    () => show(file, type),
  )
}

/** Read from disk each time: it is asked for rarely, and costs nothing in between. */
async function show(file: File, type: string): Promise<Reply> {
  const text = await readFile(new URL(`../page/${file}`, import.meta.url), 'utf8')
  return ok(text, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  })
}
