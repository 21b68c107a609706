// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IEscrow} from "../interfaces/IEscrow.sol";

/// @dev What follows from the terms of a deal alone.
library DealTerms {
    uint256 internal constant BPS = 10_000;
    uint16 internal constant MAX_APP_FEE_BPS = 1_000;
    /// @dev Positions in the terms.
    uint256 private constant PAYER = 0;
    uint256 private constant PAYEE = 1;
    uint256 private constant ARBITER = 2;
    uint256 private constant EVALUATOR = 3;
    uint256 private constant AMOUNT = 4;
    uint256 private constant COLLATERAL = 5;
    uint256 private constant ARBITER_FEE = 6;
    uint256 private constant BOND = 7;
    uint256 private constant DELIVER_BY = 8;
    uint256 private constant DISPUTE_WINDOW = 9;
    uint256 private constant RULING_WINDOW = 10;
    uint256 private constant DEFAULT_TO_PAYEE = 11;
    uint256 private constant APP_FEE_RECIPIENT = 12;
    uint256 private constant APP_FEE_BPS = 13;
    string internal constant TYPE =
        "Terms(address payer,address payee,address arbiter,address evaluator,uint128 amount,uint128 collateral,uint128 arbiterFee,uint128 bond,uint40 deliverBy,uint40 disputeWindow,uint40 rulingWindow,uint16 defaultToPayee,address appFeeRecipient,uint16 appFeeBps,bytes32 details)";
    bytes32 internal constant TYPEHASH = keccak256(bytes(TYPE));

    /// @dev EIP-712 struct hash. Terms lie in calldata as they are encoded. `requireSane` reads every field and so checks its
    /// range; a deal with anything else in it has a name that was never funded.
    function hash(IEscrow.Terms calldata terms) internal pure returns (bytes32 structHash) {
        bytes32 typehash = TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            calldatacopy(add(free, 0x20), terms, 0x1e0)
            structHash := keccak256(free, 0x200)
        }
    }

    /// @dev `emit DealFunded(id, terms.payer, …)` with all its fields, as they lie in calldata.
    function emitFunded(IEscrow.Terms calldata terms, bytes32 id) internal {
        bytes32 topic = IEscrow.DealFunded.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, add(terms, 0x40), 0x1a0)
            log4(free, 0x1a0, topic, id, calldataload(terms), calldataload(add(terms, 0x20)))
        }
    }

    /// @dev Reverts unless every field is in its range, every way through the deal ends, and shares add up.
    function requireSane(IEscrow.Terms calldata terms) internal view {
        uint256[15] calldata words;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            words := terms
        }
        if (!(_haveParties(words) && _haveSums(words) && _haveTime(words))) revert IEscrow.BadTerms();
    }

    /// @dev All that the deal holds once both sides have locked their part.
    function pot(IEscrow.Terms calldata terms) internal pure returns (uint128) {
        return terms.amount + terms.collateral;
    }

    /// @dev Until when a payee may lock its collateral for a deal that is funded now.
    function acceptBy(IEscrow.Terms calldata terms) internal view returns (uint256) {
        return Math.min(block.timestamp + terms.disputeWindow, terms.deliverBy);
    }

    /// @dev The app fee on the next `part` that the payee gets when `paid` went to it before: basis points of what is earned,
    /// which is all above the collateral. A difference of two floors, so that parts cost what the whole would.
    function appFee(
        IEscrow.Terms calldata terms,
        uint128 paid,
        uint128 part
    ) internal pure returns (uint128) {
        uint256 bps = terms.appFeeBps;
        if (bps == 0) return 0;
        uint256 own = terms.collateral;
        uint256 before = paid > own ? paid - own : 0;
        uint256 total = uint256(paid) + part;
        uint256 afterwards = total > own ? total - own : 0;
        return uint128((afterwards * bps) / BPS - (before * bps) / BPS);
    }

    /// @dev Two parties, an arbiter that is neither, and somebody or something that can decide.
    function _haveParties(uint256[15] calldata words) private pure returns (bool) {
        (uint256 payer, uint256 payee, uint256 arbiter) = (words[PAYER], words[PAYEE], words[ARBITER]);
        uint256 evaluator = words[EVALUATOR];
        bool fit = (payer | payee | arbiter | evaluator) >> 160 == 0;
        return
            fit &&
            arbiter | evaluator != 0 &&
            payee != 0 &&
            payee != payer &&
            arbiter != payer &&
            arbiter != payee;
    }

    function _haveSums(uint256[15] calldata words) private pure returns (bool) {
        (uint256 amount, uint256 collateral) = (words[AMOUNT], words[COLLATERAL]);
        (uint256 fee, uint256 bond) = (words[ARBITER_FEE], words[BOND]);
        (uint256 app, uint256 appBps) = (words[APP_FEE_RECIPIENT], words[APP_FEE_BPS]);
        unchecked {
            bool fit = (amount | collateral | (amount + collateral) | fee | bond) >> 128 == 0;
            bool paid = fit && amount != 0 && fee <= (bond == 0 ? amount : bond);
            bool app_ = app >> 160 == 0 && appBps <= MAX_APP_FEE_BPS && (app != 0 || appBps == 0);
            return paid && app_ && words[DEFAULT_TO_PAYEE] <= BPS;
        }
    }

    /// @dev A window of its own for every step, and no time that does not fit its field.
    function _haveTime(uint256[15] calldata words) private view returns (bool) {
        (uint256 deliverBy, uint256 window, uint256 ruling) = (
            words[DELIVER_BY],
            words[DISPUTE_WINDOW],
            words[RULING_WINDOW]
        );
        unchecked {
            bool fit = (deliverBy | window | ruling | (deliverBy + 2 * window + ruling)) >> 40 == 0;
            bool open =
                (ruling != 0 || words[ARBITER] == 0) &&
                    (window != 0 || (words[BOND] | words[COLLATERAL]) == 0);
            return fit && open && deliverBy > block.timestamp;
        }
    }
}
