"""What meanings are called on papers: `wordings/*.toml`, and a few names for where they have none."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

# Kind: meanings.
_KINDS = {
    "money": "total subtotal tax discount savings tip service_charge shipping deposit balance_due amount_paid cash_given change rounding unit_price price fee rent deposit_held salary_gross salary_net deduction opening_balance closing_balance credit_limit minimum_payment refund_amount fine_amount budget credit debit amount copay emergency_copay discounted_fine excess old_price profit purchases revenue total_paid_in total_paid_out usage_charge water_charge balance limit net_amount",
    "date": "date due_date issue_date expiry_date best_before birth_date start_date end_date delivery_date deadline next_appointment sample_date manufacture_date month year",
    "time": "time opening_hours closing_time departure_time arrival_time duration boarding_time cooking_time doors_open meeting_time message_time preparation_time response_time sunrise sunset sync time_left notice_period refund_period",
    "name": "seller buyer cashier server sender recipient author manager doctor contact_person passenger landlord tenant employer employee brand venue speaker origin destination city country made_in destination_city message_sender signature_name team account_holder patient student person teacher user home_team away_team carrier officer publisher assignee",
    "id": "invoice_number order_number receipt_number tracking_number account_number iban customer_number tax_id booking_reference flight_number train_number serial_number article_number ticket_number licence_plate policy_number error_code version wifi_name password batch_number terminal approval_code card_last_digits gate platform seat carriage table_number room certificate_number delivery_number employee_number group_number licence_number meter_number model prescription_number sample_number tag_number visa_number pump_number reference ip block group class zone extension",
    "phone": "phone fax mobile", "address": "address patient_address", "email": "email", "url": "website", "share": "tax_rate percentage conversion_rate humidity rain_chance uptime battery brightness alcohol",
    "number": "page_number quantity total_quantity count_of_people minimum_age score chapter value points played won drawn lost age average away_score home_score customers days_absent entries fouls nights open_tickets orders refills returns rooms row servings visitors active_vehicles position previous current used goal_difference",
    "unit": "weight volume calories fat sugar protein salt serving_size dose washing_temperature voltage power capacity temperature distance speed speed_limit carbohydrate fibre saturates feels_like high low wind data_used data_allowance storage_used maximum_dose per_100 per_serving",
    "choice": "status payment_method answer_text wifi bluetooth notifications auto_update theme marital_status flag",
}  # fmt: skip
_KIND = {meaning: kind for kind, meanings in _KINDS.items() for meaning in meanings.split()}
# Meaning; then labels by language, the first of them English.
_NAMES = """
total;Total|TOTAL|Grand Total|Amount due|Total incl. tax;de Gesamtbetrag|Summe|Gesamt|Zu zahlen;fr Total TTC|TOTAL|Net à payer;es TOTAL|Importe total;it TOTALE|Totale;pt TOTAL|Total a pagar;nl Totaal|Te betalen
subtotal;Subtotal|Sub-total|Net amount|Total excl. tax;de Zwischensumme|Netto;fr Sous-total|Total HT;es Subtotal|Base imponible;it Imponibile|Subtotale;pt Subtotal;nl Subtotaal
tax;Tax|VAT|Sales tax;de MwSt.;fr TVA;es IVA;it IVA;pt IVA;nl BTW
tax_rate;Tax rate|VAT %;de MwSt.-Satz;fr Taux TVA;es Tipo IVA;it Aliquota IVA;pt Taxa IVA;nl BTW-tarief
discount;Discount|Promotion|Less discount;de Rabatt;fr Remise;es Descuento;it Sconto;pt Desconto;nl Korting
savings;You saved|Total savings;de Sie sparen;fr Vous économisez;es Usted ahorra;it Risparmio;pt Poupou;nl Uw voordeel
tip;Tip|Gratuity;de Trinkgeld;fr Pourboire;es Propina;it Mancia;pt Gorjeta;nl Fooi
service_charge;Service charge|Svc Chg 10%;de Bedienung;fr Service;es Servicio;it Servizio;pt Serviço;nl Service
shipping;Shipping|Delivery|Postage;de Versand;fr Frais de port;es Gastos de envío;it Spedizione;pt Portes;nl Verzendkosten
deposit;Deposit|Deposit paid|Down payment;de Anzahlung;fr Acompte;es Señal;it Acconto;pt Sinal;nl Aanbetaling
balance_due;Balance due|Balance|Remaining;de Restbetrag;fr Solde à payer;es Saldo pendiente;it Saldo;pt Saldo devedor;nl Restant
amount_paid;Amount paid|Paid|Payment received;de Bezahlt;fr Payé|Montant payé;es Pagado;it Pagato;pt Pago;nl Betaald
cash_given;Cash|Tendered|Cash received;de Gegeben|Bar;fr Espèces|Reçu;es Entregado|Efectivo;it Contanti;pt Entregue|Numerário;nl Contant|Ontvangen
change;Change|CHANGE|Change due;de Rückgeld;fr Rendu|Monnaie;es Cambio;it Resto;pt Troco;nl Wisselgeld
rounding;Rounding|Rounding adj.;de Rundung;fr Arrondi;es Redondeo;it Arrotondamento;pt Arredondamento;nl Afronding
unit_price;Unit price|Price|Rate;de Einzelpreis;fr Prix unitaire|P.U.;es Precio;it Prezzo unit.;pt Preço unit.;nl Stukprijs
price;Price|Amount;de Preis|Betrag;fr Prix|Montant;es Precio|Importe;it Prezzo|Importo;pt Preço|Valor;nl Prijs|Bedrag
amount;Amount|Total;de Betrag;fr Montant;es Importe;it Importo;pt Valor;nl Bedrag
fee;Fee|Charge|Booking fee;de Gebühr;fr Frais;es Tasa;it Tariffa;pt Taxa;nl Kosten
rent;Rent|Monthly rent
deposit_held;Security deposit|Deposit
salary_gross;Gross pay|Total earnings;de Bruttolohn;fr Salaire brut
salary_net;Net pay|Take-home pay;de Auszahlung|Nettolohn;fr Net à payer
deduction;Total deductions|Deductions;de Abzüge;fr Retenues
opening_balance;Opening balance|Balance brought forward;de Anfangssaldo;fr Solde initial
closing_balance;Closing balance|Balance carried forward;de Endsaldo;fr Solde final
credit_limit;Credit limit
minimum_payment;Minimum payment
refund_amount;Refund|Amount credited;de Erstattung;fr Remboursement;es Reembolso;it Rimborso;pt Reembolso;nl Terugbetaling
fine_amount;Penalty|Fine|Amount of fine
budget;Budget
date;Date|DATE|Dated;de Datum;fr Date;es Fecha;it Data;pt Data;nl Datum
due_date;Due date|Payment due|Pay by;de Fällig am|Zahlbar bis;fr Échéance|À payer avant le;es Vencimiento;it Scadenza;pt Vencimento;nl Vervaldatum
time;Time|TIME;de Uhrzeit|Zeit;fr Heure;es Hora;it Ora;pt Hora;nl Tijd
issue_date;Date of issue|Issued on|Issued;de Ausgestellt am;fr Émis le;es Fecha de emisión;it Data di emissione;pt Data de emissão;nl Datum afgifte
expiry_date;Expiry date|Valid until|Expires;de Gültig bis;fr Valable jusqu'au;es Válido hasta;it Valido fino al;pt Válido até;nl Geldig tot
best_before;Best before|Use by|BB;de Mindestens haltbar bis;fr À consommer avant le;es Consumir antes de;it Da consumarsi entro;nl Ten minste houdbaar tot
start_date;Start date|From|Check-in;de Von|Anreise;fr Du|Arrivée
end_date;End date|To|Check-out;de Bis|Abreise;fr Au|Départ
delivery_date;Delivery date|Delivered on|Expected delivery;de Lieferdatum;fr Date de livraison;es Fecha de entrega;it Data di consegna;pt Data de entrega;nl Leverdatum
departure_time;Departure|Dep.|Departs;de Abfahrt|ab;fr Départ;es Salida;it Partenza;pt Partida;nl Vertrek
arrival_time;Arrival|Arr.|Arrives;de Ankunft|an;fr Arrivée;es Llegada;it Arrivo;pt Chegada;nl Aankomst
opening_hours;Opening hours|Hours|Open;de Öffnungszeiten;fr Horaires;es Horario;it Orario;pt Horário;nl Openingstijden
closing_time;Closes|Closing time
duration;Duration|Running time|Length;de Dauer;fr Durée
period;Period|Billing period|Pay period;de Zeitraum|Abrechnungszeitraum;fr Période;es Período;it Periodo;pt Período;nl Periode
deadline;Deadline|Reply by|Closing date
next_appointment;Next appointment|Next visit
seller;Sold by|Merchant|From;de Verkäufer;fr Vendeur;es Vendedor;it Venditore;pt Vendedor;nl Verkoper
buyer;Bill to|Customer|Sold to;de Kunde|Rechnung an;fr Client|Facturé à;es Cliente;it Cliente;pt Cliente;nl Klant
cashier;Cashier|Served by|Operator|Staff;de Kassierer|Es bediente Sie;fr Caissier|Vendeur;es Cajero|Le atendió;it Cassiere|Operatore;pt Operador;nl Kassier|Kassa
server;Server|Waiter|Served by;de Kellner|Bedienung;fr Serveur;es Camarero;it Cameriere;pt Empregado;nl Ober
sender;From|Sender;de Absender;fr Expéditeur
recipient;To|Ship to|Recipient;de Empfänger;fr Destinataire;es Destinatario;it Destinatario;pt Destinatário;nl Ontvanger
author;Author|By
manager;Manager|Head of centre
doctor;Doctor|Physician|Prescriber;de Arzt;fr Médecin
contact_person;Contact|Contact person|Your contact;de Ansprechpartner;fr Contact
passenger;Passenger|Name|Passenger name;de Fahrgast|Reisender;fr Voyageur;es Pasajero;it Passeggero;pt Passageiro;nl Reiziger
landlord;Landlord|Lessor
tenant;Tenant|Lessee
employer;Employer|Company
employee;Employee|Employee name
product_name;Product|Item|Description;de Artikel|Bezeichnung;fr Désignation|Article;es Descripción|Artículo;it Descrizione|Articolo;pt Descrição|Artigo;nl Omschrijving|Artikel
brand;Brand|Make
event;Event
venue;Venue|Location|Place
speaker;Speaker|Presented by
room;Room|Room no.;de Zimmer;fr Chambre|Salle
gate;Gate|GATE
platform;Platform|Track;de Gleis;fr Voie;es Vía;it Binario;pt Linha;nl Spoor
seat;Seat|Seat no.;de Sitzplatz|Platz;fr Place;es Asiento;it Posto;pt Lugar;nl Zitplaats
carriage;Coach|Carriage|Car;de Wagen;fr Voiture;es Coche;it Carrozza;pt Carruagem;nl Rijtuig
table_number;Table|Table No|TBL;de Tisch;fr Table;es Mesa;it Tavolo;pt Mesa;nl Tafel
origin;From|Origin;de Von;fr De|Départ;es Origen;it Da;pt De|Origem;nl Van
destination;To|Destination;de Nach;fr À|Destination;es Destino;it A|Destinazione;pt Para|Destino;nl Naar
line_or_route;Line|Route|Service
job_title;Position|Job title
department;Department|Dept
invoice_number;Invoice No.|Invoice number|Invoice #;de Rechnungsnummer|Rechnungs-Nr.;fr Facture N°|N° de facture;es Factura nº|Nº de factura;it Fattura n.;pt Fatura n.º;nl Factuurnummer
order_number;Order No.|Order number|PO Number|Order #;de Bestellnummer|Auftrags-Nr.;fr N° de commande;es Nº de pedido;it Ordine n.;pt Encomenda n.º;nl Ordernummer
receipt_number;Receipt No.|Receipt #|Trans. No|Bill No;de Bon-Nr.|Beleg-Nr.;fr Ticket N°;es Ticket nº;it Scontrino n.;pt Recibo n.º;nl Bonnr.
tracking_number;Tracking No.|Tracking number|Shipment no.
account_number;Account No.|Account number|Acct #;de Kontonummer;fr N° de compte
iban;IBAN;de IBAN;fr IBAN;es IBAN;it IBAN;pt IBAN;nl IBAN
customer_number;Customer No.|Customer ID|Member No.;de Kundennummer;fr N° client;es Nº de cliente;it Codice cliente;pt N.º de cliente;nl Klantnummer
tax_id;Tax ID|VAT Reg. No.|VAT No|GST ID;de USt-IdNr.|Steuernummer;fr N° TVA|SIRET;es NIF|CIF;it P. IVA;pt NIF|Contribuinte;nl BTW-nr.
booking_reference;Booking ref.|Booking reference|Reservation code|PNR;de Buchungsnummer;fr Référence|Dossier;es Localizador;it PNR|Codice prenotazione;pt Reserva;nl Reserveringsnummer
flight_number;Flight|Flight No.
train_number;Train|Train No.;de Zug;fr Train;es Tren;it Treno;pt Comboio;nl Trein
serial_number;Serial No.|S/N|Serial number
article_number;Item no.|SKU|Art. No.|Code;de Art.-Nr.;fr Réf.;es Ref.;it Cod.;pt Ref.;nl Art.nr.
ticket_number;Ticket No.|Ticket #;de Ticket-Nr.;fr Billet N°
licence_plate;Plate|Licence plate|Vehicle reg.;de Kennzeichen;fr Immatriculation;es Matrícula;it Targa;pt Matrícula;nl Kenteken
policy_number;Policy No.|Policy number
error_code;Error code|Code
version;Version|Ver.
wifi_name;Network|Wi-Fi name|SSID
password;Password|Passcode
batch_number;Lot|Batch No.|LOT
terminal;Terminal|Till|POS|Reg
approval_code;Approval code|Auth. code
card_last_digits;Card|Card no.
phone;Tel|Phone|Telephone|T;de Tel.|Telefon;fr Tél.;es Tel.|Tfno.;it Tel.;pt Tel.;nl Tel.
fax;Fax|F;de Fax;fr Fax;es Fax;it Fax;pt Fax;nl Fax
mobile;Mobile|Cell|M;de Mobil|Handy;fr Mobile|Port.;es Móvil;it Cell.;pt Telemóvel;nl Mobiel
email;Email|E-mail|E;de E-Mail;fr E-mail|Courriel;es Email;it Email;pt Email;nl E-mail
website;Web|Website|W
address;Address|Adresse;de Adresse;fr Adresse;es Dirección;it Indirizzo;pt Morada;nl Adres
city;City|Town
postcode;Postcode|ZIP
country;Country
weight;Weight|Net weight|Net wt;de Gewicht|Nettogewicht;fr Poids|Poids net
volume;Volume|Contents
size;Size|Format
quantity;Qty|Quantity|QTY;de Menge|Anzahl;fr Qté|Quantité;es Cant.|Cantidad;it Q.tà|Quantità;pt Qtd.|Quant.;nl Aantal
total_quantity;Total Qty|No. of items|Items;de Anzahl Artikel;fr Nombre d'articles;es Nº artículos;it Pezzi;pt N.º artigos;nl Aantal artikelen
ingredients;Ingredients
allergens;Allergens|Contains|Allergy advice
calories;Energy|Calories
fat;Fat|Total fat
sugar;Sugars|of which sugars|Total sugars
protein;Protein
salt;Salt|Sodium
serving_size;Serving size|Portion
dose;Dose|Dosage
dose_frequency;Frequency|How often
active_substance;Active substance|Active ingredient
side_effects;Possible side effects|Side effects
storage;Storage|How to store
made_in;Made in|Country of origin|Produced in
warning;Warning|Caution
washing_temperature;Wash at|Washing
material;Material|Composition
voltage;Input|Voltage|Rated voltage
power;Power|Rated power
capacity;Capacity
payment_method;Payment|Paid by|Payment method|Tender;de Zahlungsart|Bezahlt mit;fr Mode de paiement|Paiement;es Forma de pago;it Pagamento;pt Pagamento;nl Betaalwijze
status;Status|State;de Status;fr Statut;es Estado;it Stato;pt Estado;nl Status
topic;Topic|About
instruction;Instructions|Directions
subject;Subject|Re
reason;Reason|Offence
category;Category|Class|Type
score;Score|Result|Grade
temperature;Temperature|Temp.
weather;Conditions
distance;Distance
percentage;Share|Percent
count_of_people;Guests|No. of guests|Pax|Covers;de Personen|Gäste;fr Couverts|Personnes;es Comensales|Personas;it Coperti|Persone;pt Pessoas;nl Personen
minimum_age;Age|Minimum age
note;Note|Remarks;de Hinweis|Bemerkung;fr Remarque
"""


@cache
def table() -> dict[str, dict[str, Any]]:
    """Give all that the TOML files say, by meaning."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((Path(__file__).parent / "wordings").glob("*.toml")):
        for meaning, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found.setdefault(meaning, {}).update(said)
    return found


@cache
def _built_in() -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for line in _NAMES.strip().splitlines():
        meaning, english, *others = line.split(";")
        found[meaning] = {"en": tuple(english.split("|"))} | {
            o[:2]: tuple(o[3:].split("|")) for o in others
        }
    return found


@cache
def labels(meaning: str, language: str) -> tuple[str, ...]:
    """Give what papers in a language print beside a thing; in English where it has no such word."""
    printed = table().get(meaning, {}).get("labels", {})
    own = _built_in().get(meaning, {})
    return tuple(
        printed.get(language) or own.get(language) or printed.get("en") or own.get("en") or ()
    )


def kind(meaning: str) -> str:
    """Tell what kind of thing a meaning is."""
    return str(table().get(meaning, {}).get("kind") or _KIND.get(meaning, "text"))
