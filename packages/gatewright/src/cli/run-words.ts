import { CONFIG_HELP } from './config'

/** Exit codes that `gatewright run` adds to those of the command it runs. They are stable: pipelines branch on them. */
export const RunExit = {
  /** Something failed on our side, or a pin changed, or it ran before. This call ran nothing, unless it says so. */
  internal: 70,
  /** People or policy said no, or it was cancelled. */
  rejected: 77,
  /** Nobody decided in time, or what was approved was not used in time. */
  expired: 78,
  /** Too few of those who may decide could be reached. */
  undeliverable: 79,
  /** And the number of the signal: the command, or the waiting, was ended by one. */
  signalled: 128,
} as const

/** What {@link RunExit} means to whoever reads the help. */
const EXITS_HELP = `Exit codes:
  0…                 the command's own, once it ran
  77                 rejected; denied by policy; cancelled by somebody
  78                 not decided in time, or approved and not used in time
  79                 those who may decide could not be reached
  70                 a pin changed, it ran before, the gate or the server does not answer: nothing ran, unless it says so
  4                  this command line cannot be used
  128 + n            the command was ended by signal n; or, while people were asked, this was`

export const RUN_HELP = `Usage: gatewright run --action NAME [options] -- <command> [arguments]

Asks people, waits, and runs exactly that command line, once, without a shell. They see the whole command line, the working
directory, the SHA-256 of the executable and of each pinned file, and the names of the pinned variables. What is pinned is
looked at again just before the command runs. Its output is its own, and is recorded nowhere.

Options:
  --action NAME      what it is, dotted and lower case: policy decides by it
  --reason TEXT      why, in the requester's words: shown as that
  --facts FILE       a JSON object that reviewers and policy see as "facts"; at most 64 KiB
  --pin FILE         a file that the command reads: its SHA-256 and size are what is approved. May be repeated
  --env NAME         a variable whose value is pinned: its SHA-256 is part of what is approved, itself it is shown nowhere.
                     May be repeated
  --only-env         the command gets the variables that --env names, and no others. Default: all of this process, but for
                     those that begin with GATEWRIGHT_ and the ID token, which it gets where --env names them
  --timeout TIME     how long people may take: 30m, 4h. Default: what the gate or the server says
  --key KEY          names the call: the same key again finds the same request, and runs nothing twice. Default: in CI made
                     of the job, the step and the command line; else a random one
  --retry            the last run of this key failed: ask for another one
${CONFIG_HELP}
  --reviewers GROUP  without a config: the group that decides, at this terminal or with: gatewright inbox --group GROUP
  --data DIRECTORY   with --reviewers: where requests and the log are kept. Default: .gatewright
  --server URL       asks a review server, with the API key in GATEWRIGHT_API_KEY, or else the job's ID token
  --audience NAME    whom GitHub's ID token is for. Default: gatewright
  --id-token-env NAME  the variable that holds GitLab's ID token. Default: GATEWRIGHT_ID_TOKEN
  --json             prints the result as one line of JSON, the last of ours, to the standard error
  --result FILE      writes the same line to a file
  -h, --help         show this

${EXITS_HELP}

Examples:
  gatewright run --action terraform.apply --reviewers ops --pin plan.bin -- terraform apply plan.bin
  gatewright run --action db.migrate --server https://ask.example.com --env DB_URL -- ./migrate.sh`
