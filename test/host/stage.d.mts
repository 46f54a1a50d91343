export declare const stageFolder: string;
/** Copies manifest, bundles and media to `stageFolder`, which it returns. Throws where the extension is not built. */
export declare function stageExtension(dist?: string): string;
/** Copies the staged extension to a folder of installed extensions; returns its folder there. */
export declare function installStaged(extensionsFolder: string): string;
