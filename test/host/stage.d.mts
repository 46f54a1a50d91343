export declare const stageFolder: string;
/** Copies manifest, bundles and media to `stageFolder`, which it returns. Throws where the extension is not built. `asleep`: without its events of activation. */
export declare function stageExtension(dist?: string, asleep?: boolean): string;
/** Copies the staged extension to a folder of installed extensions; returns its folder there. */
export declare function installStaged(extensionsFolder: string): string;
