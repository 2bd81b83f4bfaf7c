-- Catalogues of a business. connected: 1 of the one that customers see. last_place: that of its newest product.
CREATE TABLE catalog (
    business BLOB NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    vertical TEXT NOT NULL,
    connected INTEGER NOT NULL DEFAULT 0,
    last_place INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;

-- Their products. Prices are in thousandths of the currency's unit, sale_price_1000 0 where there is no lower one. image: the file of the picture, 0
-- without; image_url: where it was fetched from. details: what programs say beside that, as JSON.
CREATE TABLE product (
    business BLOB NOT NULL,
    id INTEGER NOT NULL,
    catalog INTEGER NOT NULL,
    place INTEGER NOT NULL,
    retailer_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    price_1000 INTEGER NOT NULL,
    sale_price_1000 INTEGER NOT NULL,
    currency TEXT NOT NULL,
    url TEXT NOT NULL,
    image_url TEXT NOT NULL,
    image INTEGER NOT NULL,
    availability TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
CREATE UNIQUE INDEX product_retailer ON product (business, catalog, retailer_id);
CREATE INDEX product_place ON product (business, catalog, place);
