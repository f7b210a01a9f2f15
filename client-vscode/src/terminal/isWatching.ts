/** Returns whether the user wants terminals to be watched at this moment. */
export type IsWatching = () => boolean;
