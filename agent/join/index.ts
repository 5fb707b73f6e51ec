/** Joining a mesh: root pin, registration key, registration. */
export * from './registration.ts';
export * from './root-pin.ts';
