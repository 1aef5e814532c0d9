"""Makes the workbooks of this folder that no crate of the tests can write.

    pip install xlwt openpyxl msoffcrypto-tool
    python make.py

All people and numbers are invented.
"""

import datetime
import io

import msoffcrypto.format.ooxml
import openpyxl
import xlwt

old = xlwt.Workbook()
hidden = old.add_sheet("Secret")
hidden.visibility = 1
hidden.write(0, 0, "not for you")
sheet = old.add_sheet("Clients")
day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
instant = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
phone = xlwt.easyxf(num_format_str="0000000000")
for column, header in enumerate(["Nom", "Téléphone", "Mobile", "Né le", "Vu le", "Solde", "Actif"]):
    sheet.write(1, column, header)
sheet.write(3, 0, "Chloé Дубова")
sheet.write(3, 1, 33612345678)
sheet.write(3, 2, 612345678, phone)
sheet.write(3, 3, datetime.date(1980, 4, 3), day)
sheet.write(3, 4, datetime.datetime(2026, 11, 23, 10, 30), instant)
sheet.write(3, 5, 12.5)
sheet.write(3, 6, True)
sheet.write(4, 0, xlwt.Formula('HYPERLINK("https://example.org";"Ann")'))
sheet.write(4, 1, "+33199001234")
old.save("clients.xls")

far = xlwt.Workbook()
corners = far.add_sheet("Corners")
corners.write(0, 0, "Phone")
corners.write(65535, 255, "far away")
far.save("corners.xls")

new = openpyxl.Workbook()
new.active.append(["Phone"])
new.active.append(["+33199001234"])
plain = io.BytesIO()
new.save(plain)
with open("password.xlsx", "wb") as locked:
    msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("secret", locked)
