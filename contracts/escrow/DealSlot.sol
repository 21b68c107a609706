// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../interfaces/IEscrow.sol";

/// @dev A deal's state in one slot: left (128 bits) · endsAt (40) · byPayee (8) · state (8). Packed by hand, since the compiler
/// would write the slot twice.
type DealSlot is uint256;

using {unpack, isEmpty} for DealSlot global;

function pack(IEscrow.State state, bool byPayee, uint256 endsAt, uint256 left) pure returns (DealSlot slot) {
    // solhint-disable-next-line no-inline-assembly
    assembly ("memory-safe") {
        slot := or(or(shl(56, left), shl(16, endsAt)), or(shl(8, byPayee), state))
    }
}

function isEmpty(DealSlot slot) pure returns (bool) {
    return DealSlot.unwrap(slot) == 0;
}

function unpack(DealSlot slot) pure returns (IEscrow.Deal memory) {
    uint256 bits = DealSlot.unwrap(slot);
    return
        IEscrow.Deal(
            IEscrow.State(uint8(bits)),
            uint8(bits >> 8) != 0,
            uint40(bits >> 16),
            uint128(bits >> 56)
        );
}
