import { packageBuild } from '../../../tsup.base'

const base = packageBuild(import.meta.dirname)

export default {
  ...base,
  // The thread that writes is a file beside the entry, found through \`import.meta.url\` in CommonJS too.
  entry: { ...(base.entry as Record<string, string>), 'sqlite-writer-thread': 'src/thread/writer-thread.ts' },
  shims: true,
}
