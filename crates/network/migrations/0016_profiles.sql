-- What a business says of itself: JSON but for its line `about`, which stands with its name. greets: who opens the chat is greeted; hidden: it is not
-- found by the words of its name.
CREATE TABLE business_profile (
  account BLOB NOT NULL PRIMARY KEY,
  json TEXT NOT NULL,
  greets INTEGER NOT NULL,
  hidden INTEGER NOT NULL
) STRICT;

-- Its picture, a JPEG, named by its hash.
CREATE TABLE business_picture (
  account BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  data BLOB NOT NULL
) STRICT;
