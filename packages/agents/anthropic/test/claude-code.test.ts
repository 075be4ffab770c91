import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSdkMcpServer, query, tool } from '@anthropic-ai/claude-agent-sdk'
import { createGate, group } from '@gatewright/core'
import { mockApprover, recordingAudit } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type ClaudeGateOptions, claudeGate } from '../src/claude-agent'
import { type Asked, modelServer, type Reply } from './model-server'

/** The program itself, 384 MB, which is not installed with the workspace. */
const program = process.env.GATEWRIGHT_CLAUDE_CODE ?? ''
const reason = existsSync(program) ? '' : ' (GATEWRIGHT_CLAUDE_CODE names no program of Claude Code)'

/** Claude Code over a scripted model: what it was told of each call, and how each request ended. */
async function claudeCode(calls: readonly [string, string, object][], options: ClaudeGateOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'claude-'))
  const skill = join(folder, '.claude', 'skills', 'look')
  mkdirSync(skill, { recursive: true })
  writeFileSync(
    join(skill, 'SKILL.md'),
    `---\nname: look\ndescription: Looks.\nallowed-tools: Bash(touch:*)\n---\n!\`touch ${folder}/a.txt\`\n`,
  )
  const audit = recordingAudit()
  const silent = mockApprover({ otherwise: 'ignore' })
  const approver =
    options.wait === 'suspend'
      ? silent
      : silent
          .approve('tool.mcp__ops__user_delete')
          .approve('tool.skill')
          .reject('tool.bash', 'not b')
          .edit('tool.write', { content: 'edited' }, {})
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [approver],
    reviewers: group('ops'),
    audit,
    ephemeral: true,
  })
  const ran: string[] = []
  const ops = createSdkMcpServer({
    name: 'ops',
    version: '1',
    tools: [
      tool('user_delete', 'Deletes a user.', { id: z.string() }, async ({ id }) => {
        ran.push(id)
        return { content: [{ type: 'text', text: `deleted ${id}` }] }
      }),
    ],
  })
  let turns = 0
  const model = await modelServer((asked: Asked): Reply => {
    const uses = calls.map(([id, name, input]) => ({
      type: 'tool_use',
      id,
      name,
      input: JSON.parse(JSON.stringify(input).replaceAll('FOLDER', folder)),
    }))
    const isMain = asked.tools?.some(({ name }) => name === 'Write') ?? false
    if (!isMain || turns > 0)
      return { content: [{ type: 'text', text: '{"title":"x"}' }], stopReason: 'end_turn' }
    turns += 1
    return { content: uses, stopReason: 'tool_use' }
  })
  const claude = claudeGate({ gate, ...options })
  const told = new Map<string, string>()
  const results: object[] = []
  try {
    const run = query({
      prompt: 'go',
      options: {
        ...claude,
        pathToClaudeCodeExecutable: program,
        cwd: folder,
        mcpServers: { ops },
        settingSources: ['project'],
        permissionMode: 'bypassPermissions',
        allowDangerouslySkipPermissions: true,
        model: 'claude-sonnet-4-5',
        maxTurns: 4,
        env: {
          PATH: process.env.PATH,
          HOME: join(folder, 'home'),
          CLAUDE_CONFIG_DIR: join(folder, 'home', '.claude'),
          ANTHROPIC_BASE_URL: model.url,
          ANTHROPIC_API_KEY: 'fake',
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
          DISABLE_AUTOUPDATER: '1',
          DISABLE_TELEMETRY: '1',
          IS_SANDBOX: '1',
        },
      },
    })
    for await (const message of run) {
      if (message.type === 'result') results.push(message)
      if (message.type !== 'user' || typeof message.message.content === 'string') continue
      for (const block of message.message.content)
        if (block.type === 'tool_result') told.set(block.tool_use_id, JSON.stringify(block.content))
    }
    const file = join(folder, 'a.txt')
    const { requests } = await gate.requests.list()
    return {
      ran,
      told,
      results,
      file: existsSync(file) ? readFileSync(file, 'utf8') : null,
      ended: Object.fromEntries(requests.map(({ action, status }) => [action, status])),
    }
  } finally {
    claude.ended()
    await gate.close()
    await model.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const write = ['toolu_1', 'Write', { file_path: 'FOLDER/a.txt', content: 'hello' }] as [
  string,
  string,
  object,
]

test.skipIf(reason)(
  `Claude Code runs what people approve, as they edited it, and not what they reject${reason}`,
  async () => {
    const found = await claudeCode([
      write,
      ['toolu_2', 'mcp__ops__user_delete', { id: '7' }],
      ['toolu_3', 'Bash', { command: 'rm -f FOLDER/b.txt', description: 'Remove b' }],
    ])
    expect(found.file).toBe('edited')
    expect(found.ran).toEqual(['7'])
    expect(found.ended).toEqual({
      'tool.write': 'succeeded',
      'tool.mcp__ops__user_delete': 'succeeded',
      'tool.bash': 'rejected',
    })
    expect(found.told.get('toolu_3')).toMatch(/not executed.*not b/)
  },
)

test.skipIf(reason)(
  `T39: Claude Code runs no shell command of a skill that people reject${reason}`,
  async () => {
    const found = await claudeCode([['toolu_5', 'Skill', { skill: 'look' }]])
    expect(found.file).toBeNull()
    expect(found.ended).toEqual({ 'tool.skill': 'succeeded', 'tool.bash': 'rejected' })
  },
)

test.skipIf(reason)(`Claude Code runs nothing when the gate throws${reason}`, async () => {
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover()],
    reviewers: group('ops'),
    audit: recordingAudit(),
    ephemeral: true,
  })
  await gate.close()
  const found = await claudeCode([write], { gate })
  expect(found.file).toBeNull()
})

test.skipIf(reason)(`Claude Code ends with a suspended call, and runs nothing${reason}`, async () => {
  const found = await claudeCode(
    [['toolu_9', 'Bash', { command: 'touch FOLDER/a.txt', description: 'Touch a' }]],
    { wait: 'suspend' },
  )
  expect(found.ended).toEqual({ 'tool.bash': 'pending' })
  expect(found.file).toBeNull()
  expect(found.results).toMatchObject([{ deferred_tool_use: { id: 'toolu_9' } }])
})
