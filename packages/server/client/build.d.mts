/** What browsers load of the inbox: texts of three files. @param client - the directory with the sources */
export function buildAssets(client: string): {
  readonly icon: string
  readonly script: string
  readonly style: string
}
