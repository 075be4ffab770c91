import ts from 'typescript'

const OPTIONS: ts.CompilerOptions = {
  noEmit: true,
  strict: true,
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ['node'],
  skipLibCheck: false,
}

/** Ours, by their folder; and a file of a user. */
const OURS = /\/node_modules\/(?:@gatewright\/|gatewright\/)|\/user\.[cm]ts$/
/** The test runner, whose types ours add to: what it says of them is said in its files. */
const ADDED_TO = /\/node_modules\/(?:vitest|@vitest)\//

const parsed = new Map<string, ts.SourceFile | undefined>()

/**
 * What the compiler finds wrong for a strict user: in the user's file and in every declaration of ours that it reaches, line
 * by line. Other packages' declarations have errors of their own, and are read and not judged: that takes a tenth of the
 * time. Programs share what was parsed, and nothing else.
 *
 * @param project - the user's folder, which holds `node_modules`
 * @param user - absolute path of the user's file
 */
export function problemsOf(project: string, user: string): readonly string[] {
  const host = ts.createCompilerHost(OPTIONS)
  const read = host.getSourceFile
  host.getCurrentDirectory = () => project
  host.getSourceFile = (name, settings, ...more) => {
    const format = typeof settings === 'object' ? settings.impliedNodeFormat : undefined
    const key = `${format} ${name}`
    if (!parsed.has(key)) parsed.set(key, read(name, settings, ...more))
    return parsed.get(key)
  }
  const program = ts.createProgram({ rootNames: [user], options: OPTIONS, host })
  const judged = (where: RegExp): readonly string[] =>
    program
      .getSourceFiles()
      .filter(({ fileName }) => where.test(fileName))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
      .map((one) => ts.formatDiagnostic(one, host).trim())
  const ofProgram = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]
  return [
    ...ofProgram.map((one) => ts.formatDiagnostic(one, host).trim()),
    ...judged(OURS),
    ...judged(ADDED_TO).filter((line) => line.includes('@gatewright')),
  ]
}
