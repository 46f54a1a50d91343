/**
 * What finds route handlers in sources. The editor loads this bundle with the first source that mentions a framework:
 * none of it takes part in the start of the extension.
 */
export { discoverRoutes } from './authoring/routes/discoverRoutes';
export { hasParameters, proposedPath, seenPath } from './authoring/routes/paths';
export { wholePath } from './authoring/routes/reachedFrom';
