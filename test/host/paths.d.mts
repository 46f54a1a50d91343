export declare const hostFolder: string;
export declare const repositoryRoot: string;
/** Everything that tests write: bundles, staging folder, artifacts. */
export declare const outFolder: string;
export declare const vscodeRoot: string;
/** A Node that can run VS Code's server. Throws a sentence where there is none. */
export declare function hostNode(): string;
/** The Node binaries that `setup.mjs` installed, ascending; this process's own where there are none. */
export declare function nodeBinaries(): { major: number; path: string }[];
/** A Chromium or relative of it; undefined where there is none. */
export declare function findBrowser(): string | undefined;
