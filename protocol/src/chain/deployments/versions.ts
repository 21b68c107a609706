/** The version of the ABIs that the contracts of this repository speak. */
export const ABI_VERSION = 1
