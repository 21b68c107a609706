/** Messages an epoch of one membership at most, as the registry takes it. */
export const MAX_RATE_LIMIT = 600
