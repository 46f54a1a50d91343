/** Installs the editor's packages, and a browser where one is wanted; does nothing when all is there. */
export function setUpHost(options?: { readonly browser?: boolean }): void;
