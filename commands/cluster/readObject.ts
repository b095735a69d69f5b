import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject } from '../../runtime/json.ts';

/** The object as the API server has it; undefined: it has none. Throws ApiError. */
export async function readObject(api: Api, path: string): Promise<JsonObject | undefined> {
  try {
    return fieldsOf(await api.request({ path }));
  } catch (error) {
    if (isApiStatus(error, 404)) return undefined;
    throw error;
  }
}
