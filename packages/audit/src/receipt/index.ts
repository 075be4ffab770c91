export { type MakeReceiptOptions, makeReceipt } from './make-receipt'
export { parseReceipt, type Receipt, type ReceiptEntry } from './receipt'
export { type ReceiptVerdict, verifyReceipt } from './verify-receipt'
