/** What is wrong with a list of RPC endpoints, and what to do; no more of an address than its host is told. */
export interface EndpointProblem {
  readonly path: (string | number)[]
  readonly problem: string
}

/** One endpoint that is named twice would be two voices, and a quorum that is larger than the list is never reached. */
export function endpointProblems(rpcUrls: readonly string[], quorum: number | undefined): EndpointProblem[] {
  const problems: EndpointProblem[] = []
  const seen = new Map<string, number>()
  for (const [at, url] of rpcUrls.entries()) {
    const { host, identity } = placeOf(url)
    const first = seen.get(identity)
    if (first === undefined) seen.set(identity, at)
    else
      problems.push({
        path: ['rpcUrls', at],
        problem: `is the endpoint of rpcUrls.${first} again (${host}), and would count twice; remove one of them`,
      })
  }
  if (quorum !== undefined && quorum > rpcUrls.length)
    problems.push({
      path: ['chain', 'quorum'],
      problem:
        `${quorum} endpoints can't agree when "rpcUrls" names ${rpcUrls.length}; ` +
        'add endpoints, lower it, or leave it out for more than half',
    })
  return problems
}

/** Who is asked is decided by host and path, whatever the credentials. */
function placeOf(url: string): { host: string; identity: string } {
  const { protocol, host, pathname, search } = new URL(url)
  return { host, identity: `${protocol}//${host}${pathname.replace(/\/+$/, '')}${search}` }
}
