/** A request against a configuration: one pure home for matching, access and redirects, run by the engine in this compiled form. */
export { type AccessVerdict, CompiledRbac } from './access.ts';
export { canonicalHost, canonicalPath, type CanonicalPath, isPlainPath } from './canonical.ts';
export { type Decision, Decider, decide } from './decide.ts';
export {
  compileHeader,
  compileString,
  queryParameter,
  type ReportFault,
  type RequestPredicate,
  type StringPredicate,
} from './matchers.ts';
export { redirectLocation } from './redirect.ts';
export { linearRegex, type LinearRegex } from './regex.ts';
export type { ConnectionView, HeaderView, PeerNames, RequestView } from './request.ts';
export { chooseWeighted, CompiledRoute, RouteTable, withoutPort } from './route-table.ts';
