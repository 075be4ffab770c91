import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { publishedPackages, readManifest, root, workspaceDirectories } from '../../scripts/workspace.mjs'
import { describeImport, findCircles, type Import, importsOf, isTestFile, listFiles } from './sources.ts'

const packages = publishedPackages()
const sourceFiles = packages.flatMap(({ directory }) => listFiles(`${directory}/src`))
const shippedFiles = sourceFiles.filter((file) => !isTestFile(file))
const shippedImports = shippedFiles.flatMap(importsOf)
const coreSource = 'packages/core/src/'

/** The package of a bare specifier: `@scope/name/entry` is `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isBare({ specifier }: Import): boolean {
  return !specifier.startsWith('.') && !isBuiltin(specifier)
}

function isOurs(specifier: string): boolean {
  return packageName(specifier) === 'gatewright' || specifier.startsWith('@gatewright/')
}

function below(directory: string): (imported: { readonly from: string }) => boolean {
  return ({ from }) => from.startsWith(`${directory}/`)
}

describe('inside core, imports point one way', () => {
  // A folder may import itself and the folders of a lower rank; `errors.ts` serves all but the contracts.
  const ranks: Readonly<Record<string, number>> = {
    contracts: 0,
    'errors.ts': 1,
    values: 2,
    // Single files that several layers stand on.
    'registry.ts': 2,
    'ambient.ts': 3,
    present: 3,
    policy: 3,
    'define-action.ts': 4,
    engine: 5,
  }
  const aboveTheEngine = 6

  function layerOf(file: string): string {
    const [first = ''] = file.slice(coreSource.length).split('/')
    return first
  }

  function rankOf(file: string): number {
    return ranks[layerOf(file)] ?? aboveTheEngine
  }

  test('contracts <- values <- present, policy <- engine <- the gate and everything else', () => {
    const wrong = shippedImports.filter(({ from, target }) => {
      if (!from.startsWith(coreSource) || !target?.startsWith(coreSource)) return false
      if (layerOf(from) === layerOf(target)) return false
      if (rankOf(from) === aboveTheEngine) return false
      return rankOf(target) >= rankOf(from)
    })
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('contracts are types, and import nothing but types of contracts', () => {
    const contracts = `${coreSource}contracts/`
    const wrong = shippedImports.filter(
      ({ from, target, typeOnly }) =>
        from.startsWith(contracts) && !(typeOnly && target?.startsWith(contracts)),
    )
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('the encryption of stores is an entry of its own, which weighs nothing in the main one', () => {
    const wrong = shippedImports.filter(({ target }) => target === `${coreSource}encryption.ts`)
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('only ulid and eventemitter3 are needed at run time', () => {
    const needed = shippedImports.filter(({ from, typeOnly }) => from.startsWith(coreSource) && !typeOnly)
    const wrong = needed.filter(
      (imported) => isBare(imported) && !['ulid', 'eventemitter3'].includes(imported.specifier),
    )
    expect(wrong.map(describeImport)).toEqual([])
    expect(Object.keys(readManifest('packages/core').dependencies ?? {}).sort()).toEqual([
      'eventemitter3',
      'ulid',
    ])
  })
})

describe('between packages', () => {
  test('approvers import core, outbound, Node, their own files, and the libraries named here only', () => {
    // The entry of reviewing too: how leaves and statuses are put in words is said once for every channel.
    const allowed = ['@gatewright/core', '@gatewright/core/review', '@gatewright/outbound']
    const libraries: Readonly<Record<string, readonly string[]>> = {
      slack: ['@slack/socket-mode', '@slack/types', '@slack/web-api', 'zod'],
      teams: ['fflate', 'jose', 'zod'],
      webhook: ['jose', 'zod'],
    }
    const wrong = shippedImports.filter(below('packages/approvers')).filter((imported) => {
      const [, , approver = ''] = imported.from.split('/')
      return isBare(imported) && ![...allowed, ...(libraries[approver] ?? [])].includes(imported.specifier)
    })
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('stores and agents take from this workspace core and outbound only', () => {
    const allowed = ['@gatewright/core', '@gatewright/outbound']
    const wrong = shippedImports
      .filter((imported) => below('packages/stores')(imported) || below('packages/agents')(imported))
      .filter(({ specifier }) => isOurs(specifier) && !allowed.includes(packageName(specifier)))
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('outbound takes from this workspace core, and the encoder of the log for its audit sink alone', () => {
    const wrong = shippedImports.filter(below('packages/outbound')).filter(({ from, specifier }) => {
      const allowed = ['@gatewright/core']
      if (from.startsWith('packages/outbound/src/audit/')) allowed.push('@gatewright/audit')
      return isOurs(specifier) && !allowed.includes(specifier)
    })
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('the audit log needs no HTTP client', () => {
    const dependencies = Object.keys(readManifest('packages/audit').dependencies ?? {})
    expect(dependencies.filter((name) => ['axios', '@gatewright/outbound'].includes(name))).toEqual([])
  })

  test('@gatewright/testing is imported by tests alone', () => {
    const wrong = shippedImports.filter(
      ({ from, specifier }) =>
        packageName(specifier) === '@gatewright/testing' && !from.startsWith('packages/testing/'),
    )
    expect(wrong.map(describeImport)).toEqual([])
    const dependents = packages.filter(({ manifest }) => manifest.dependencies?.['@gatewright/testing'])
    expect(dependents.map(({ name }) => name)).toEqual([])
  })

  test('no file reaches into another package by a relative path', () => {
    const wrong = sourceFiles.flatMap(importsOf).filter(({ from, target }) => {
      const owner = packages.find(({ directory }) => from.startsWith(`${directory}/`))
      return target !== undefined && owner !== undefined && !target.startsWith(`${owner.directory}/`)
    })
    expect(wrong.map(describeImport)).toEqual([])
  })

  test.each(packages)('$name declares what it imports', ({ name, directory, manifest }) => {
    const declared = new Set([
      name,
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ])
    const wrong = shippedImports
      .filter(below(`${directory}/src`))
      .filter((imported) => isBare(imported) && !declared.has(packageName(imported.specifier)))
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('every relative import finds its file', () => {
    const wrong = shippedImports.filter(
      ({ target }) => target !== undefined && !existsSync(join(root, target)),
    )
    expect(wrong.map(describeImport)).toEqual([])
  })

  test('no imports go in a circle, types aside', () => {
    expect(
      findCircles(shippedImports.filter(({ typeOnly }) => !typeOnly)).map((circle) => circle.join(' -> ')),
    ).toEqual([])
  })

  test('packages do not depend on each other in a circle', () => {
    const edges = workspaceDirectories().flatMap((directory) => {
      const { name, dependencies, devDependencies } = readManifest(directory)
      return Object.keys({ ...dependencies, ...devDependencies }).map((specifier) => ({
        from: name,
        line: 1,
        specifier,
        typeOnly: false,
        target: isOurs(specifier) ? specifier : undefined,
      }))
    })
    expect(findCircles(edges)).toEqual([])
  })
})
