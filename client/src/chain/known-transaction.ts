/** How nodes say that they have this very transaction already. */
export const KNOWN_TRANSACTION = /already known|known transaction|already imported/i
