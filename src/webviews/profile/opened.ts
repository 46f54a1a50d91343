import type { ToProfile } from '../../protocol/profile';

/** The message that a profile is shown from. */
export type OpenedMessage = Extract<ToProfile, { type: 'opened' }>;
