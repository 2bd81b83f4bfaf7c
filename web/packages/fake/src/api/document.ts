const text = (description: string, more: object = {}) => ({ type: "string", description, ...more });
const json = (schema: object, more: object = {}) => ({ "application/json": { schema, ...more } });
const refused = { description: "Refused.", content: json({ $ref: "#/components/schemas/Error" }) };
/** As an operation names its codes: by examples. */
const refusedWith = (...codes: string[]) => ({
  description: `Refused: ${codes.join("; ")}`,
  content: json(
    { $ref: "#/components/schemas/Error" },
    { examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/code_${code}` }])) },
  ),
});
const example = (code: number, title: string, details: string) => ({
  summary: title,
  value: { error: { message: `(#${code}) ${title}`, code, error_data: { details } } },
});
const path = (name: string, description: string) => ({
  name,
  in: "path",
  required: true,
  description,
  schema: { type: "string", pattern: "^[1-9][0-9]{0,15}$" },
});

const number = path("phone_number_id", "The number's id, not the number");
const message = {
  type: "object",
  required: ["messaging_product", "to"],
  properties: {
    messaging_product: { type: "string", const: "whatsapp" },
    to: { type: ["string", "integer"], description: "The customer's number, in any form people write one" },
    type: text("What is sent; where it is missing, the object that is there says it", {
      examples: ["text", "image", "template"],
    }),
    text: {
      type: "object",
      required: ["body"],
      properties: { body: { type: "string", minLength: 1, maxLength: 4096 }, preview_url: { type: "boolean" } },
    },
    image: {
      type: "object",
      properties: { id: text("Of an upload"), link: { type: "string", format: "uri" } },
    },
    context: { $ref: "#/components/schemas/Context" },
  },
};

/** A small OpenAPI document that has every kind of body, parameter and credential once. */
export const DOCUMENT = {
  openapi: "3.1.0",
  info: {
    title: "Suki",
    version: "1.0.0",
    description:
      "Everything a server of Suki can be asked for. Programs written for the `WhatsApp Cloud API` run unchanged.",
  },
  servers: [{ url: "/v23.0" }],
  security: [{ token: ["whatsapp_business_messaging"] }, { tokenInQuery: [] }],
  tags: [
    { name: "Cloud API: messages", description: "What is said to customers, and that it was read." },
    { name: "Cloud API: media", description: "Files, whole and in pieces." },
    { name: "Cloud API: templates", description: "Messages that may begin a conversation." },
    { name: "Inbox", description: "The team's inbox." },
  ],
  "x-tagGroups": [{ name: "Cloud API", tags: ["Cloud API: messages", "Cloud API: media", "Cloud API: templates"] }],
  paths: {
    "/{phone_number_id}/messages": {
      parameters: [number],
      post: {
        operationId: "messages.send",
        tags: ["Cloud API: messages"],
        summary: "Send a message",
        description:
          "A message is accepted here; what becomes of it is told by webhook.\n\nWith `status` it marks one as read.",
        requestBody: {
          required: true,
          content: json(message, {
            examples: {
              text: {
                summary: "A text",
                value: {
                  messaging_product: "whatsapp",
                  to: "+639171234567",
                  type: "text",
                  text: { body: "It’s ready!" },
                },
              },
              image: {
                summary: "A picture",
                value: {
                  messaging_product: "whatsapp",
                  to: "+639171234567",
                  type: "image",
                  image: { link: "https://example.com/bread.jpg" },
                },
              },
            },
          }),
        },
        responses: {
          "200": {
            description: "Accepted.",
            content: json({
              anyOf: [
                {
                  type: "object",
                  required: ["messages"],
                  properties: {
                    messages: {
                      type: "array",
                      items: { type: "object", properties: { id: text("The message's id") } },
                    },
                  },
                },
                { type: "object", required: ["success"], properties: { success: { type: "boolean" } } },
              ],
            }),
          },
          "400": refusedWith("131009", "131047"),
          "401": refused,
        },
      },
    },
    "/{phone_number_id}": {
      get: {
        operationId: "phone_number.get",
        tags: ["Cloud API: messages"],
        summary: "Read a number",
        parameters: [number, { name: "fields", in: "query", schema: { type: "string" }, description: "Which fields" }],
        responses: { "200": { description: "The number." }, "400": refused },
      },
    },
    "/{phone_number_id}/media": {
      post: {
        operationId: "media.upload",
        tags: ["Cloud API: media"],
        summary: "Upload a file",
        description: "Keeps a file for messages.",
        parameters: [number],
        requestBody: {
          content: {
            "multipart/form-data": {
              schema: {
                type: "object",
                required: ["messaging_product", "file"],
                properties: {
                  messaging_product: { type: "string", const: "whatsapp" },
                  file: { type: "string", contentMediaType: "application/octet-stream", description: "The file" },
                  type: text("Its media type"),
                },
              },
            },
          },
        },
        responses: { "200": { description: "Kept." }, "400": refused },
      },
    },
    "/{upload_session_id}#upload_session": {
      post: {
        operationId: "uploads.append",
        tags: ["Cloud API: media"],
        summary: "Upload a piece",
        parameters: [
          {
            name: "upload_session_id",
            in: "path",
            required: true,
            schema: { type: "string" },
            description: "upload:…",
          },
          {
            name: "file_offset",
            in: "header",
            schema: { type: "integer", minimum: 0 },
            description: "Where it begins",
          },
        ],
        requestBody: { content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } },
        responses: { "200": { description: "Taken." } },
      },
    },
    "/{media_id}#media_file": {
      get: {
        operationId: "media.get",
        tags: ["Cloud API: media"],
        summary: "Fetch a file",
        parameters: [path("media_id", "The file's id")],
        responses: { "200": { description: "Its bytes." } },
      },
    },
    "/{waba_id}/message_templates": {
      delete: {
        operationId: "message_templates.delete",
        tags: ["Cloud API: templates"],
        summary: "Delete a template with all of its languages",
        parameters: [
          path("waba_id", "The account"),
          {
            name: "name",
            in: "query",
            required: true,
            schema: { type: "string", maxLength: 512 },
            description: "Its name",
          },
        ],
        responses: { "200": { description: "Deleted." }, "400": refused },
      },
    },
    "/inbox/api/me": {
      get: {
        operationId: "inbox.me",
        tags: ["Inbox"],
        summary: "Who is signed in",
        servers: [{ url: "/" }],
        security: [{ session: [] }],
        responses: { "200": { description: "The operator." }, "401": { description: "Nobody." } },
      },
    },
  },
  components: {
    securitySchemes: {
      token: { type: "http", scheme: "bearer" },
      tokenInQuery: { type: "apiKey", in: "query", name: "access_token" },
      session: { type: "apiKey", in: "cookie", name: "suki_session" },
    },
    examples: {
      code_131009: example(131009, "Parameter value is not valid", "One or more values are not right."),
      code_131047: example(131047, "Re-engagement message", "More than 24 hours have passed."),
    },
    schemas: {
      Context: { type: "object", required: ["message_id"], properties: { message_id: text("What is answered") } },
      Error: {
        type: "object",
        required: ["error"],
        properties: {
          error: {
            type: "object",
            required: ["message", "code"],
            properties: { message: text("What was wrong"), code: { type: "integer", description: "The error code" } },
          },
        },
      },
    },
  },
};
