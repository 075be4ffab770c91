export { type EvidenceReport, type EvidenceReportOptions, evidenceReport } from './evidence-report'
export type { ReportFigures } from './figures'
export type { FrameworkId } from './framework'
