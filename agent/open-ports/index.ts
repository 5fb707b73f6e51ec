/** The application's ports that are open beside its proxy. */
export { type Listener, listenersIn, openListeners } from './listeners.ts';
export { type Owner, socketOwners } from './owners.ts';
export { OpenPorts, type OpenPortsOptions } from './watch.ts';
