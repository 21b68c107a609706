// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDealEvaluator} from "../../../contracts/interfaces/IDealEvaluator.sol";
import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";

/// @dev Answers what the evidence says.
contract ObedientEvaluator is IDealEvaluator {
    function evaluate(
        bytes32,
        IEscrow.Terms calldata,
        uint128,
        bytes calldata evidence
    ) external pure returns (uint128, bool) {
        return abi.decode(evidence, (uint128, bool));
    }
}

/// @dev Answers what it was told last: it changes its mind.
contract FickleEvaluator is IDealEvaluator {
    uint128 private amount;
    bool private isFinal;

    function say(uint128 amount_, bool isFinal_) external {
        (amount, isFinal) = (amount_, isFinal_);
    }

    function evaluate(
        bytes32,
        IEscrow.Terms calldata,
        uint128,
        bytes calldata
    ) external view returns (uint128, bool) {
        return (amount, isFinal);
    }
}

/// @dev Fails in the way that the evidence names.
contract FailingEvaluator is IDealEvaluator {
    enum Manner {
        Revert,
        Burn,
        ReturnBomb,
        RevertBomb,
        Nothing,
        HalfWord,
        OneWord,
        WideAmount,
        WideFlag,
        Invalid
    }

    function evaluate(
        bytes32,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata evidence
    ) external pure returns (uint128, bool) {
        Manner manner = abi.decode(evidence, (Manner));
        if (manner == Manner.Revert) revert("no");
        while (manner == Manner.Burn) {}
        uint256 amount = manner == Manner.WideAmount ? (1 << 128) | terms.amount : terms.amount;
        uint256 flag = manner == Manner.WideFlag ? 2 : 1;
        uint256 size = 64;
        if (manner == Manner.Nothing) size = 0;
        if (manner == Manner.HalfWord) size = 16;
        if (manner == Manner.OneWord) size = 32;
        if (manner == Manner.ReturnBomb || manner == Manner.RevertBomb) size = 1 << 20;
        bool reverts = manner == Manner.RevertBomb;
        if (manner == Manner.Invalid)
            assembly {
                invalid()
            }
        assembly {
            mstore(0, amount)
            mstore(32, flag)
            if reverts {
                revert(0, size)
            }
            return(0, size)
        }
    }
}

/// @dev Tries to move money, here and in another deal, while it is asked, and then decides for the payee.
contract ReenteringEvaluator is IDealEvaluator {
    IEscrow private immutable escrow;
    bytes[] private calls;

    constructor(IEscrow escrow_) {
        escrow = escrow_;
    }

    function add(bytes calldata call_) external {
        calls.push(call_);
    }

    function evaluate(
        bytes32,
        IEscrow.Terms calldata terms,
        uint128,
        bytes calldata
    ) external view returns (uint128, bool) {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done, ) = address(escrow).staticcall{gas: 50_000}(calls[i]);
            require(!done, "got through");
        }
        return (terms.amount, true);
    }
}
