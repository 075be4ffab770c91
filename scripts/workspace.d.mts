/** An entry of a package: what is imported, and the source file that it is built from. */
export interface PackageEntry {
  readonly name: string
  readonly specifier: string
  readonly source: string
}

/** The parts of a package.json that the workspace's scripts and tests read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly packageManager?: string
  readonly license?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly sideEffects?: false | readonly string[]
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** A package that is published. */
export interface PublishedPackage {
  readonly name: string
  readonly directory: string
  readonly path: string
  readonly manifest: Manifest
  readonly entries: readonly PackageEntry[]
}

export declare const root: string
export declare function workspaceDirectories(): string[]
export declare function readManifest(directory: string): Manifest
export declare function packageEntries(directory: string): Record<string, string>
export declare function publishedPackages(): PublishedPackage[]
