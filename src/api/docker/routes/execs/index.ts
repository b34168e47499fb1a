import { execCreate } from './create.ts';
import { execInspect } from './inspect.ts';
import { execResize } from './resize.ts';
import { execStart } from './start.ts';

export const EXEC_ROUTES = [execCreate, execStart, execResize, execInspect];
