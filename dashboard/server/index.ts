/** The dashboard's server side: its files, and the loopback server of `weft dashboard`. */
export { LocalDashboard, type LocalServerOptions, type Upstream } from './local-server.ts';
export { dashboardSite, type DashboardSite } from './site.ts';
