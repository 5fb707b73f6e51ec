/** The engine's admin port. */
export { adminPages, type AdminSetting, type ConfigDumpAnswer, type RuntimeReport } from './pages.ts';
export { ADMIN_ENGINE, type AdminAnswer, type AdminPage, AdminServer, json, text } from './server.ts';
export type { EngineReport } from './report.ts';
export { type AdminSubject, engineSubject } from './subject.ts';
