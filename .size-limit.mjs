export default [
  {
    name: '@gatewright/core, everything, with its dependencies',
    path: 'packages/core/dist/index.js',
    import: '*',
    limit: '24 KB',
    gzip: true,
    modifyEsbuildConfig: (config) => ({ ...config, platform: 'node' }),
  },
]
