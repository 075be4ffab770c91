import { appendFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { createRedactor, type Logger, makeVisible } from '@gatewright/core'
import type { CommandIo } from './io'
import { endWords } from './run-command'
import type { RunResult } from './run-result'
import { gitlabSections } from './run-sections'

/** Says what happens: on the standard error, and where a CI system shows it. Whatever it is told may come from anybody. */
export interface Report {
  /** A line of the job's log. */
  say(text: string): void
  /** A line that the CI system points at: an annotation, where it has some. */
  point(as: 'notice' | 'warning' | 'error', text: string): void
  /** People are asked: what is said from now on is about that, and a section of its own where the CI system has some. */
  asked(request: AskedPeople): void
  /** They were asked: what comes next is the command's, in no section. */
  decided(): void
  /** The end: an annotation or a folded section, a step summary, and the line of JSON, where they are wanted. */
  end(result: RunResult): void
}

/** What people are asked. */
export interface AskedPeople {
  readonly action: string
  readonly id: string
  /** Where they see all of it; `null` where no page shows it. */
  readonly link: string | null
}

/** What a report writes besides lines. */
export interface ReportOptions {
  readonly json: boolean
  /** A file for the line of JSON. */
  readonly result: string | null
  /** The command line, for the summary and the section at the end alone. */
  readonly command: string
  /** How to get a receipt of a request's decision; `null` where the request's page is all there is. */
  receipt(requestId: string): string | null
}

/** Makes the report of one run. */
export function createReport(
  io: CommandIo,
  environment: Readonly<Record<string, string | undefined>>,
  options: ReportOptions,
): Report {
  const annotates = environment.GITHUB_ACTIONS === 'true'
  const sections = !annotates && environment.GITLAB_CI === 'true' ? gitlabSections(io) : null
  const report: Report = {
    say: (text) => io.err(ownLine(text)),
    point(as, text) {
      if (annotates) io.err(`::${as} title=gatewright::${escapeData(inert(text))}`)
      else report.say(pointed(as, text))
    },
    asked({ action, id, link }) {
      sections?.begin('request', ownLine(`approval of ${action}`))
      report.say(`waiting for approval of ${action}: request ${id}${link === null ? '' : `, ${link}`}`)
    },
    decided: () => sections?.end(),
    end(result) {
      const as = result.exitCode === 0 ? 'notice' : 'error'
      if (sections === null) report.point(as, sentence(result))
      else {
        sections.begin('result', ownLine(pointed(as, sentence(result))), true)
        for (const [name, value] of factsOf(result, options)) report.say(`${name}: ${value}`)
        sections.end()
      }
      const line = jsonLine(result)
      write(environment.GITHUB_STEP_SUMMARY, 'the step summary', (path) =>
        appendFileSync(path, summary(result, options)),
      )
      write(options.result ?? undefined, 'the result', (path) => writeFileSync(path, `${line}\n`))
      if (options.json) io.err(line)
    },
  }

  /** What was decided stands in the log of the gate: a file that cannot be written changes no exit code. */
  function write(path: string | undefined, what: string, how: (path: string) => void): void {
    if (path === undefined || path === '') return
    try {
      how(path)
    } catch (error) {
      report.point(
        'warning',
        `${what} cannot be written to ${path} (${(error as NodeJS.ErrnoException).code ?? 'it failed'})`,
      )
    }
  }

  return report
}

/** What a gate has to say, as lines of a report: its fields hold errors, whose words may come from anybody. */
export function reportingLogger(io: CommandIo): Logger {
  const log: Logger['warn'] = (message, fields) => {
    const more =
      fields === undefined ? '' : ` ${inspect(wordsOf(fields), { breakLength: Number.POSITIVE_INFINITY })}`
    io.err(ownLine(`${message}${more}`))
  }
  return { info: log, warn: log, error: log }
}

/** Errors by what they say and what caused them: where they were thrown is nothing to whoever reads a job's log. */
function wordsOf(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? chainOf(value) : value]),
  )
}

function chainOf(error: Error): string {
  const { cause } = error
  return cause instanceof Error && cause !== error ? `${error.message} (${cause.message})` : error.message
}

/** A line that begins with our name, whoever wrote the rest. */
function ownLine(text: string): string {
  return `gatewright: ${inert(text)}`
}

function pointed(as: 'notice' | 'warning' | 'error', text: string): string {
  return as === 'notice' ? text : `${as}: ${text}`
}

const redactor = createRedactor()

/**
 * One line that is nothing but text: hidden characters are visible, secrets of known kinds gone, and no CI system takes it, or
 * a part of it, for a command (`##[…]` and `##vso[…]` may stand anywhere in a line, `::…::` at its start alone).
 */
export function inert(text: string): string {
  const line = redactor.text(text).text.replace(/\r?\n/g, ' ⏎ ').replaceAll('\t', ' ')
  return makeVisible(line).text.replace(/#(?=#)/g, '# ')
}

/** As GitHub's runner reads the data of a workflow command. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Said of a result, in a line. */
export function sentence({ action, by, command, reason, requestId, status }: RunResult): string {
  const request = requestId === null ? '' : ` (request ${requestId})`
  const who = by.length === 0 ? '' : `, decided by ${by.join(', ')}`
  const why = reason === null ? '' : `: ${reason}`
  if (command !== null) return `${action} ran${request}${who}: ${endWords(command)}${why && `. ${reason}`}`
  const words = status === 'error' ? 'was not run' : `${status}, so nothing was run`
  return `${action} ${words}${request}${who}${why}`
}

/** ASCII, and `#` as an escape: nobody's command, and nothing in it steers a terminal. Secrets of known kinds are gone. */
function jsonLine(result: RunResult): string {
  const plain = (text: string) => redactor.text(text).text
  const shown = {
    ...result,
    reason: result.reason === null ? null : plain(result.reason),
    by: result.by.map(plain),
  }
  return JSON.stringify(shown).replace(
    /[^ -~]|#/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** What there is to know of a run, by name. */
function factsOf(
  result: RunResult,
  { command, receipt }: ReportOptions,
): readonly (readonly [string, string])[] {
  const { action, by, exitCode, link, reason, requestId, status } = result
  const outcome = result.command === null ? 'it did not run' : endWords(result.command)
  const facts: readonly (readonly [string, string | null])[] = [
    ['Action', action],
    ['Command', command],
    ['Decision', result.command === null ? status : 'approved'],
    ['Decided by', by.join(', ') || null],
    ['Outcome', `${outcome}; exit code ${exitCode}`],
    ['Why', reason],
    ['Request', requestId],
    ['Page', link],
    ['Receipt', requestId === null ? null : receipt(requestId)],
  ]
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== null)
}

function summary(result: RunResult, options: ReportOptions): string {
  const rows = factsOf(result, options).map(([name, value]) => `| ${name} | ${code(value)} |`)
  return ['### Gatewright', '', '| | |', '| --- | --- |', ...rows, '', ''].join('\n')
}

/** Text that no Markdown or HTML is read into: every character that could begin some is written by its number. */
function code(text: string): string {
  const plain = inert(text).replace(/[^\p{L}\p{M}\p{N} .,⟦⟧⏎]/gu, (one) => `&#${one.codePointAt(0)};`)
  return `<code>${plain}</code>`
}
